import { expect, test } from "vitest";
import { LARGEST_FLOAT32, nameOrder, takeRows, toMatrix } from "../../src/models/matrix.ts";

test("values are rounded to float32, infinities to the largest, missing ones stay", () => {
  const { columns, rowCount } = toMatrix(
    ["x"],
    [[0.1, 1e300, Number.NEGATIVE_INFINITY, Number.NaN]],
  );
  expect(rowCount).toBe(4);
  expect([...columns[0]!]).toEqual([
    Math.fround(0.1),
    LARGEST_FLOAT32,
    -LARGEST_FLOAT32,
    Number.NaN,
  ]);
});

test("columns without a name of their own or of unequal length are refused", () => {
  expect(() => toMatrix(["x", "x"], [[1], [2]])).toThrow(
    "matrix: expected one unique name a column, got 2 names for 2 columns",
  );
  expect(() => toMatrix(["x", "y"], [[1], [2, 3]])).toThrow("matrix: y: expected 1 values, got 2");
});

test("rows are taken in the order asked for; names sort by code unit", () => {
  const matrix = toMatrix(
    ["b", "a"],
    [
      [1, 2, 3],
      [4, 5, 6],
    ],
  );
  expect(takeRows(matrix, [2, 0, 2]).columns.map((column) => [...column])).toEqual([
    [3, 1, 3],
    [6, 4, 6],
  ]);
  expect(nameOrder(["b", "a", "B"])).toEqual([2, 1, 0]);
});

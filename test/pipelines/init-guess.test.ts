import { expect, test } from "vitest";
import { type ColumnFacts, guessProject } from "../../src/pipelines/init-guess.ts";

function column(
  name: string,
  type: string,
  distinct: number,
  more: Partial<ColumnFacts> = {},
): ColumnFacts {
  return { name, type, distinct, nulls: 0, isDateText: false, isConsecutive: false, ...more };
}

const target = column("y", "int64", 2);

test.each([
  [column("y", "int64", 2), "binary"],
  [column("y", "str", 2), "binary"],
  [column("y", "str", 30), "multiclass"],
  [column("y", "int64", 20), "multiclass"],
  [column("y", "int64", 21), "regression"],
  [column("y", "float64", 400), "regression"],
])("a target %j is a task of %s", (label, task) => {
  expect(guessProject([label], 1000, "y").task).toBe(task);
});

test("a unique whole number is an id by its name or by having no gaps, else a measurement", () => {
  const facts = [
    target,
    column("PatientID", "int64", 1000),
    column("row", "int64", 1000, { isConsecutive: true }),
    column("income", "int64", 1000),
    column("volume", "float64", 1000),
  ];
  const guess = guessProject(facts, 1000, "y");
  expect(guess.excluded.map((one) => one.column)).toEqual(["PatientID", "row"]);
  expect(guess).toMatchObject({ subject: "PatientID", keys: [["PatientID"]] });
});

test("a subject that comes again is kept out, and its key takes the date in", () => {
  const facts = [
    target,
    column("patient_id", "str", 400),
    column("visit", "str", 700, { isDateText: true }),
    column("remark", "str", 900),
  ];
  expect(guessProject(facts, 1000, "y")).toMatchObject({
    subject: "patient_id",
    keys: [["patient_id", "visit"]],
    dates: ["visit"],
    excluded: [
      { column: "patient_id", reason: "identifies a row or a subject" },
      { column: "remark", reason: "free text" },
    ],
  });
});

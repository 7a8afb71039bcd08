import { expect, test } from "vitest";
import { toTable } from "../../src/core/text-table.ts";

test("text stands left, numbers right, and no line ends in blanks", () => {
  const table = toTable(
    ["model", "auc"],
    [
      ["a@1", "0.9"],
      ["longer@12", "0.951"],
    ],
  );
  expect(table).toBe(["model        auc", "a@1          0.9", "longer@12  0.951"].join("\n"));
  expect(toTable(["name", "state"], [["x", ""]])).toBe("name  state\nx");
});

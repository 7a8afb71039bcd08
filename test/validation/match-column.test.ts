import { expect, test } from "vitest";
import { isSensitiveColumn } from "../../src/validation/match-column.ts";
import { parseContract } from "../../src/validation/parse-contract.ts";

const contract = parseContract(
  {
    columns: {
      patient_id: { dtype: "str", sensitivity: "identifier" },
      "(?P<kind>note)_\\d+": { dtype: "str", regex: true, sensitivity: "phi" },
      "age.*": { dtype: "int64", regex: true },
    },
  },
  "c.yaml",
);

test.each([
  ["patient_id", true],
  ["patient_id_2", false],
  ["note_1", true],
  ["note_12_text", true],
  ["my_note_1", false],
  ["age", false],
])("%s is sensitive: %s, with a pattern in Python's own words", (name, expected) => {
  expect(isSensitiveColumn(contract, name)).toBe(expected);
});

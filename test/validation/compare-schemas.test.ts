import fc from "fast-check";
import { expect, test } from "vitest";
import { compareSchemas, type SchemaColumn } from "../../src/validation/compare-schemas.ts";
import type { Evolution } from "../../src/validation/contract.ts";
import { DEFAULT_EVOLUTION } from "../../src/validation/contract.ts";

const types = ["int32", "int64", "float32", "float64", "str", "bool", "datetime64[ns]"];
const schema = fc.uniqueArray(
  fc.record({ name: fc.constantFrom("a", "b", "c", "d"), type: fc.constantFrom(...types) }),
  { selector: ({ name }) => name },
);

test("each kind of change has its verdict and its action", () => {
  const before: SchemaColumn[] = [
    { name: "id", type: "int32" },
    { name: "age", type: "int64" },
    { name: "city", type: "str" },
    { name: "seen", type: "datetime64[us]" },
  ];
  const after: SchemaColumn[] = [
    { name: "new", type: "bool" },
    { name: "id", type: "int64" },
    { name: "age", type: "str" },
    { name: "seen", type: "datetime64[ns]" },
  ];
  const policy: Evolution = { added: "add", removed: "ignore", retyped: "fail" };
  expect(compareSchemas(before, after, policy)).toEqual({
    changes: [
      {
        kind: "retyped",
        column: "id",
        before: "int32",
        after: "int64",
        breaking: false,
        action: "fail",
      },
      {
        kind: "retyped",
        column: "age",
        before: "int64",
        after: "str",
        breaking: true,
        action: "fail",
      },
      {
        kind: "removed",
        column: "city",
        before: "str",
        after: null,
        breaking: true,
        action: "ignore",
      },
      { kind: "added", column: "new", before: null, after: "bool", breaking: false, action: "add" },
    ],
    breaking: true,
    fails: true,
  });
});

test.each([
  ["int8", "int64", false],
  ["int64", "int32", true],
  ["uint8", "int16", false],
  ["uint64", "int64", true],
  ["int32", "float64", false],
  ["int64", "float64", true],
  ["float32", "float64", false],
  ["float64", "int64", true],
  ["str", "category", true],
])("%s to %s breaks: %s", (before, after, breaking) => {
  const { changes } = compareSchemas(
    [{ name: "a", type: before }],
    [{ name: "a", type: after }],
    DEFAULT_EVOLUTION,
  );
  expect(changes.map((change) => change.breaking)).toEqual([breaking]);
});

test("a schema does not differ from itself, and what is added one way is removed the other", () => {
  fc.assert(
    fc.property(schema, schema, (a, b) => {
      expect(compareSchemas(a, a, DEFAULT_EVOLUTION).changes).toEqual([]);
      const forth = compareSchemas(a, b, DEFAULT_EVOLUTION).changes;
      const back = compareSchemas(b, a, DEFAULT_EVOLUTION).changes;
      const named = (kind: string, changes: typeof forth) =>
        changes
          .filter((change) => change.kind === kind)
          .map(({ column }) => column)
          .sort();
      expect(named("added", forth)).toEqual(named("removed", back));
      expect(named("retyped", forth)).toEqual(named("retyped", back));
    }),
  );
});

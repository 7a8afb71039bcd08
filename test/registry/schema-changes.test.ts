import fc from "fast-check";
import { expect, test } from "vitest";
import { type SchemaColumn, schemaChanges } from "../../src/registry/schema-changes.ts";

const id = { name: "id", type: "int64" };
const age = { name: "age", type: "float64" };
const site = { name: "site", type: "str" };

test("columns that came, went and changed type are named, order only where nothing else moved it", () => {
  expect(schemaChanges([id, age], [{ ...age, type: "int64" }, site])).toEqual([
    { kind: "removed", column: "id", before: "int64", after: null },
    { kind: "retyped", column: "age", before: "float64", after: "int64" },
    { kind: "added", column: "site", before: null, after: "str" },
  ]);
  expect(schemaChanges([id, age, site], [age, id, site])).toEqual([
    { kind: "moved", column: "age", before: "place 1", after: "place 0" },
    { kind: "moved", column: "id", before: "place 0", after: "place 1" },
  ]);
});

const columns = fc.uniqueArray(
  fc.record({ name: fc.constantFrom(..."abcdef"), type: fc.constantFrom("int64", "str") }),
  { selector: ({ name }) => name },
);

test("nothing changes from a schema to itself, and the way back is the way there reversed", () => {
  const mirror = { added: "removed", removed: "added", retyped: "retyped", moved: "moved" };
  fc.assert(
    fc.property(columns, columns, (a: SchemaColumn[], b: SchemaColumn[]) => {
      expect(schemaChanges(a, a)).toEqual([]);
      const there = schemaChanges(a, b).map(({ kind, column }) => `${mirror[kind]} ${column}`);
      const back = schemaChanges(b, a).map(({ kind, column }) => `${kind} ${column}`);
      expect(back.sort()).toEqual(there.sort());
    }),
  );
});

import { writeFileSync } from "node:fs";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Engine, openEngine } from "../../src/table/engine.ts";
import { describeRelation, type Relation } from "../../src/table/relation.ts";
import {
  id,
  join as joinSql,
  lit,
  raw,
  type Sql,
  type SqlValue,
  sql,
} from "../../src/table/sql.ts";
import { parseContractText } from "../../src/validation/contract-text.ts";
import type { OpenReference } from "../../src/validation/plan-foreign-key.ts";
import {
  type ValidateOptions,
  type Validation,
  validateRelation,
} from "../../src/validation/validate-relation.ts";
import { scratchFile } from "../table/scratch.ts";

let engine: Engine;
beforeAll(async () => {
  engine = await openEngine({ threads: 1 });
});
afterAll(() => engine.close());

async function toRelation(query: Sql): Promise<Relation> {
  const table = id(engine.freshName());
  await engine.run(sql`CREATE TABLE ${table} AS ${query}`);
  return describeRelation(engine, table, sql`(SELECT *, rowid AS "__row__" FROM ${table})`);
}

const values = (rows: string) => toRelation(sql`SELECT * FROM (VALUES ${raw(rows)}) t(site, id)`);

async function validate(
  rows: Relation,
  key: string,
  options: ValidateOptions = {},
  columns = "",
): Promise<Validation> {
  const text = `columns: {${columns}}\ntable_checks: {foreign_key: ${key}}\n`;
  return validateRelation(engine, parseContractText(text, "c.yaml"), rows, options);
}

const into = (other: Relation): ValidateOptions => {
  const openReference: OpenReference = async (_, reference) => {
    expect(reference).toMatchObject({ dataset: "people" });
    return other;
  };
  return { openReference };
};

describe("a foreign key", () => {
  test("of one column lists the values that refer to nothing; nulls refer to nothing and pass", async () => {
    const people = await values("('B', 1), ('B', 2), ('B', 2), (NULL, NULL)");
    const rows = await values("('x', 1), ('x', 7), ('x', NULL), ('x', 8), ('x', 7), ('x', 2)");
    const key = "{columns: id, dataset: people}";
    const { report, badRows } = await validate(rows, key, { ...into(people), maxCases: 2 });
    expect(report.checks).toMatchObject([
      {
        check: "foreign_key('id', 'people', 'id')",
        column: "id",
        checked: 6,
        failed: 3,
        listed: 2,
      },
    ]);
    expect(report.failures.map(({ failure_case, index }) => [failure_case, index])).toEqual([
      [7, 1],
      [8, 3],
    ]);
    expect(report.counts).toMatchObject({ failures: 3, failed_rows: 3, failed_checks: 1 });
    expect(badRows).toMatchObject([{ reason: "id: foreign_key('id', 'people', 'id')" }]);
    const warned = await validate(rows, key.replace("}", ", severity: warning}"), into(people));
    expect(warned.report).toMatchObject({ valid: true, warnings: [{}, {}, {}] });
  });

  test("of several columns shows all of them, each by its own sensitivity", async () => {
    const people = await toRelation(
      sql`SELECT * FROM (VALUES (1, 'B'), (2, 'B'), (1, 'C')) t(number, place)`,
    );
    const rows = await values("('B', 1), ('C', 2), ('C', NULL), (NULL, 9), ('C', 1)");
    const key = "{columns: [site, id], dataset: people, references: [place, number]}";
    const options = { ...into(people), mask: () => "masked" };
    const sensitive = "id: {nullable: true, sensitivity: phi}";
    const { report } = await validate(rows, key, options, sensitive);
    expect(report.failures).toMatchObject([
      {
        column: null,
        check: "foreign_key(['site', 'id'], 'people', ['place', 'number'])",
        failure_case: { site: "C", id: "masked" },
        index: 1,
      },
    ]);
  });

  test("finds a column of its own that is gone, or of another type", async () => {
    const people = await values("('B', 1)");
    const rows = await values("('B', 1)");
    const gone = await validate(rows, "{columns: idd, dataset: people}", into(people));
    expect(gone.report.failures).toMatchObject([{ column: "idd", failure_case: "idd" }]);
    const unlike = "{columns: site, dataset: people, references: id}";
    const { report } = await validate(rows, unlike, into(people));
    expect(report.failures).toMatchObject([{ column: "site", failure_case: "str", index: null }]);
    expect(report.counts.by_reason).toEqual({ WRONG_DATATYPE: 1 });
  });

  test("looks into a file, and says what of it is not there", async () => {
    const rows = await values("('B', 1), ('B', 3)");
    const file = scratchFile("people.csv", "id,name\n1,a\n2,b\n");
    const key = (path: string, more = "") => `{columns: id, file: '${path}'${more}}`;
    const { report } = await validate(rows, key(file));
    expect(report.failures).toMatchObject([{ failure_case: 3, index: 1 }]);
    await expect(validate(rows, key(file, ", references: nam"))).rejects.toMatchObject({
      code: "COLUMN_NOT_FOUND",
      message: `table_checks.foreign_key: expected a column of ${file}, got "nam"`,
      details: { hint: 'did you mean "name"?' },
    });
    await expect(validate(rows, key(`${file}.gone.csv`))).rejects.toMatchObject({
      code: "FILE_NOT_FOUND",
    });
    await expect(validate(rows, "{columns: id, dataset: people}")).rejects.toMatchObject({
      code: "BAD_INPUT",
      message: expect.stringContaining('a project with the dataset "people", got none'),
    });
    writeFileSync(file, "id,name\n");
    expect((await validate(rows, key(file))).report.counts.failures).toBe(2);
  });

  test("is compared after coercion, also with the table itself", async () => {
    const people = await values("('B', 1), ('B', 2)");
    const rows = await values("('1', 1), ('2.0', 3), ('9', NULL)");
    const columns = "site: {dtype: float64, coerce: true}";
    const { report } = await validate(
      rows,
      "{columns: site, dataset: people, references: id}",
      into(people),
      columns,
    );
    expect(report.failures.map(({ failure_case, index }) => [failure_case, index])).toEqual([
      [9, 2],
    ]);
    const own = await validate(
      rows,
      "{columns: id, dataset: visits, references: site}",
      { ...into(people), datasetName: "visits" },
      columns,
    );
    expect(own.report.failures.map(({ failure_case, index }) => [failure_case, index])).toEqual([
      [3, 1],
    ]);
  });
});

const cell = fc.option(fc.integer({ min: 0, max: 4 }), { nil: null });
const table = fc.array(fc.tuple(cell, cell), { maxLength: 25 });

test("its count is that of a loop over all pairs of rows", async () => {
  const typed = sql`SELECT NULL::BIGINT AS a, NULL::BIGINT AS b WHERE FALSE`;
  const relationOf = (rows: readonly (readonly SqlValue[])[]) =>
    toRelation(
      joinSql([typed, ...rows.map(([a, b]) => sql`SELECT ${lit(a!)}, ${lit(b!)}`)], " UNION ALL "),
    );
  await fc.assert(
    fc.asyncProperty(table, table, async (rows, others) => {
      const orphans = rows.filter(
        ([a, b]) => a !== null && b !== null && !others.some(([c, d]) => a === c && b === d),
      );
      const people = into(await relationOf(others));
      const key = "{columns: [a, b], dataset: people}";
      const { report } = await validate(await relationOf(rows), key, people);
      expect(report.counts.failures).toBe(orphans.length);
      expect(report.failures.map(({ failure_case }) => failure_case)).toEqual(
        orphans.map(([a, b]) => ({ a, b })),
      );
    }),
    { numRuns: 40 },
  );
});

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import fc from "fast-check";
import { expect, test } from "vitest";
import { realEffects } from "../../src/core/effects.ts";
import { readDumpFile, writeDumpFile } from "../../src/store/dump-file.ts";
import { dumpRows } from "../../src/store/dump-rows.ts";
import type { RowConnection } from "../../src/store/dump-session.ts";
import { loadRows } from "../../src/store/load-rows.ts";
import { migrateUp } from "../../src/store/migrate.ts";
import { withOwnerConnection } from "../../src/store/owner-connection.ts";
import { defaultDatabaseParams, temporaryFolder, testDatabaseEnv } from "../support/database.ts";

const NOW = new Date("2026-02-03T04:05:06.789Z");

/** Runs on a migrated database, and with a file to dump to. */
async function onDatabase(
  act: (connection: RowConnection, path: string) => Promise<void>,
): Promise<void> {
  const root = temporaryFolder();
  const env = await testDatabaseEnv();
  const options = { root, env, params: defaultDatabaseParams, effects: realEffects };
  await withOwnerConnection(options, async ({ connection }) => {
    await migrateUp(connection, NOW);
    await act(connection, join(root, "rows.dump.gz"));
  });
}

/** Every row of a table as PostgreSQL prints it, which tells apart what a JavaScript value may not. */
async function textOf(connection: RowConnection, table: string): Promise<string[]> {
  const { rows } = await connection.query(
    `SELECT t::text COLLATE "C" AS row FROM duetmind.${table} t ORDER BY 1`,
  );
  return (rows as { row: string }[]).map(({ row }) => row);
}

async function dumpEmptyAndLoad(
  connection: RowConnection,
  table: string,
  path: string,
): Promise<void> {
  await writeDumpFile(path, dumpRows(connection, NOW));
  await connection.query(`TRUNCATE duetmind.${table} CASCADE`);
  expect(await textOf(connection, table)).toEqual([]);
  await loadRows(connection, readDumpFile(path), path);
}

const ODD_TABLE = `
  CREATE EXTENSION IF NOT EXISTS vector SCHEMA public;
  CREATE TABLE duetmind.odd (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    before bigint REFERENCES duetmind.odd (id),
    "a ""quoted"" name" text,
    d double precision, r real, n numeric(40, 20), big bigint,
    j json, jb jsonb, bytes bytea, yes boolean, u uuid,
    at timestamptz, day date, took interval, words text[], bits bit varying(9), code varchar(5),
    v public.vector(3),
    twice bigint GENERATED ALWAYS AS (big * 2) STORED
  )`;

test("odd values of every type come back to the last bit, generated columns and ids too", async () => {
  await onDatabase(async (connection, path) => {
    await connection.query(ODD_TABLE);
    await connection.query(`
      INSERT INTO duetmind.odd (before, "a ""quoted"" name", d, r, n, big, j, jb, bytes, yes, u, at, day, took, words, bits, code, v)
      VALUES
      (2, E'tab\\t line\\n back\\\\slash "quote" ünï \u{1F9E0}', 'NaN', 'Infinity', 'NaN', 9007199254740993, E'{"b" : 1,\\n "a":1.0, "b":2}',
        '{"b": 1, "a": [null]}', '\\x00ff0a', true, gen_random_uuid(), 'infinity', '0044-03-15 BC', '1 mon -3 days 00:00:01.000001',
        ARRAY['', NULL, '{"x"}', 'NULL', E'\\\\'], B'0101', 'abc', '[0.1,-2,3e-7]'),
      (NULL, '', '-Infinity', '-0', 0.12345678901234567890, NULL, 'null', 'null', '', false, NULL, '2026-01-02 03:04:05.678901+14',
        'infinity', '0', '{}', B'', '', NULL),
      (1, NULL, 0.1::float8 + 0.2, 1e-45, NULL, -9223372036854775807 / 2, NULL, NULL, NULL, NULL, NULL, '-infinity', NULL, NULL, NULL, NULL, NULL, NULL)`);
    await connection.query("DELETE FROM duetmind.odd WHERE id = 3 RETURNING id");
    const before = await textOf(connection, "odd");
    expect(before).toHaveLength(2);
    await dumpEmptyAndLoad(connection, "odd", path);
    expect(await textOf(connection, "odd")).toEqual(before);
    const { rows } = await connection.query(
      "INSERT INTO duetmind.odd (big) VALUES (1) RETURNING id::text, twice::text",
    );
    expect(rows).toEqual([{ id: "4", twice: "2" }]); // 3 was given out before the dump
  });
});

test("any text, double and json comes back as it was", async () => {
  await onDatabase(async (connection, path) => {
    await connection.query("CREATE TABLE duetmind.odd (t text, d double precision, j json)");
    const text = fc.string({ unit: "binary" }).map((value) => value.replaceAll("\0", ""));
    let runs = 0;
    const row = fc.tuple(fc.option(text), fc.double(), fc.json());
    await fc.assert(
      fc.asyncProperty(fc.array(row, { maxLength: 30 }), async (rows) => {
        for (const values of rows) {
          const [t, d, j] = values;
          const known = [t, Object.is(d, -0) ? "-0" : d, j.replaceAll("\\u0000", "")];
          await connection.query("INSERT INTO duetmind.odd VALUES ($1, $2, $3)", known);
        }
        const before = await textOf(connection, "odd");
        runs += 1;
        await dumpEmptyAndLoad(connection, "odd", `${path}.${runs}`);
        expect(await textOf(connection, "odd")).toEqual(before);
      }),
      { numRuns: 15 },
    );
  });
});

test("long rows come in small pieces, and short ones in few", async () => {
  await onDatabase(async (connection) => {
    await connection.query(`
      CREATE TABLE duetmind.odd AS SELECT repeat(g::text, 300000 / length(g::text)) AS t FROM generate_series(1, 60) g`);
    await connection.query(`
      CREATE TABLE duetmind.short AS SELECT g AS n FROM generate_series(1, 60000) g`);
    const sizes: number[] = [];
    let rows = 0;
    for await (const lines of dumpRows(connection, NOW)) {
      if (!Array.isArray(lines[0])) continue;
      rows += lines.length;
      sizes.push(lines.flat().reduce((sum, value) => sum + String(value).length, 0));
    }
    expect(rows).toBeGreaterThan(60_060);
    expect(Math.max(...sizes)).toBeLessThan(4 << 20); // of 18 MB
    expect(sizes.length).toBeLessThan(80); // 20 pieces of long rows, 16 of short ones
  });
});

test("parents stand before the tables that refer to them", async () => {
  await onDatabase(async (connection) => {
    const order: string[] = [];
    for await (const lines of dumpRows(connection, NOW)) {
      for (const line of lines) {
        if (!Array.isArray(line) && line.kind === "table") order.push(line.name);
      }
    }
    const { rows } = await connection.query(`
      SELECT c.relname AS child, p.relname AS parent FROM pg_constraint f
      JOIN pg_class c ON c.oid = f.conrelid JOIN pg_class p ON p.oid = f.confrelid
      WHERE f.contype = 'f' AND f.connamespace = 'duetmind'::regnamespace AND c.oid <> p.oid`);
    expect(rows.length).toBeGreaterThan(15);
    for (const { child, parent } of rows as { child: string; parent: string }[]) {
      expect(order.indexOf(parent), `${parent} before ${child}`).toBeLessThan(order.indexOf(child));
    }
    const tables = await connection.query(
      "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'duetmind'",
    );
    expect([...order].sort()).toEqual(
      (tables.rows as { name: string }[]).map(({ name }) => name).sort(),
    );
  });
});

test("a damaged dump is CHECKSUM_MISMATCH and changes nothing", async () => {
  await onDatabase(async (connection, path) => {
    await writeDumpFile(path, dumpRows(connection, NOW));
    const whole = gunzipSync(readFileSync(path)).toString();
    const lines = whole.trimEnd().split("\n");
    const damages: Record<string, Buffer> = {
      cut: readFileSync(path).subarray(0, 500),
      "flipped byte": Buffer.from(readFileSync(path)).fill(7, 200, 210),
      "no last line": gzipSync(`${lines.slice(0, -1).join("\n")}\n`),
      "half a line": gzipSync(whole.slice(0, -9)),
      "a row less": gzipSync(whole.replace(/^\["0","Default".*\n/m, "")),
      "a table less": gzipSync(whole.replace(/^\{"kind":"table","name":"tags".*\n.*\n/m, "")),
      "a row of another table": gzipSync(whole.replace('["0","Default",', '["Default",')),
      "no dump": gzipSync("hello\n"),
    };
    const before = await textOf(connection, "experiments");
    for (const [what, bytes] of Object.entries(damages)) {
      writeFileSync(path, bytes);
      const loading = loadRows(connection, readDumpFile(path), path);
      await expect(loading, what).rejects.toMatchObject({
        code: "CHECKSUM_MISMATCH",
        message: expect.stringContaining(`${path}: expected`),
      });
      expect(await textOf(connection, "experiments"), what).toEqual(before);
    }
  });
});

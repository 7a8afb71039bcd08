import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { realEffects } from "../../src/core/effects.ts";
import type { DuetMindError } from "../../src/core/errors.ts";
import { runData } from "../../src/pipelines/data-stage.ts";
import { loadProject } from "../../src/pipelines/project.ts";
import { openEngine } from "../../src/table/engine.ts";
import { lit, sql } from "../../src/table/sql.ts";
import { dataProject, writeIn } from "./data-project.ts";

const GOOD = "id,y\n1,0\n2,1\n";
const MEGABYTE = 1 << 20;
const zstd = readFileSync(join(import.meta.dirname, "../interop/pandas-3.1.1/people.csv.zst"));
const gzipped = gzipSync(`id,y\n${"12345,1\n".repeat(200_000)}`);

type Case = Readonly<{
  /** Of the file in data/source. */
  name: string;
  content: string | Uint8Array;
  /** More of the source. */
  options?: string;
  code: string;
  message: string | RegExp;
  /** What is written in its place for the next run. */
  repaired?: string | Uint8Array;
}>;

const CASES: Readonly<Record<string, Case>> = {
  "a zip bomb": {
    name: "x.csv.gz",
    content: gzipSync(Buffer.concat([Buffer.from("id,y\n1,"), Buffer.alloc(300 * MEGABYTE, "0")])),
    code: "BAD_INPUT",
    message: "expected at most 200 times its size when decompressed, got more",
    repaired: gzipSync(GOOD),
  },
  "more than the source allows": {
    name: "x.csv.gz",
    content: gzipped,
    options: ", decompress: {max_bytes: 100000}",
    code: "BAD_INPUT",
    message: "expected at most 100000 bytes when decompressed, got more",
    repaired: gzipSync(GOOD),
  },
  "a .gz that was cut short": {
    name: "x.csv.gz",
    content: gzipped.subarray(0, gzipped.length >> 1),
    code: "FILE_UNREADABLE",
    message: "expected a whole gzip file, got one that was cut short",
    repaired: gzipped,
  },
  "a .gz with a damaged byte": {
    name: "x.csv.gz",
    content: gzipped.map((byte, i) => (i === gzipped.length - 6 ? byte ^ 0xff : byte)),
    code: "FILE_UNREADABLE",
    message: "expected a whole gzip file, got incorrect data check",
    repaired: gzipped,
  },
  "a .zst that was cut short": {
    name: "x.csv.zst",
    content: zstd.subarray(0, zstd.length - 3),
    code: "FILE_UNREADABLE",
    message: "expected a whole zstd file, got one that was cut short",
    repaired: zstd,
  },
  "a .zst that is none": {
    name: "x.csv.zst",
    content: GOOD,
    code: "FILE_UNREADABLE",
    message: "expected a zstd file, as its name says, got other bytes",
  },
  "NUL bytes": {
    name: "x.csv",
    content: "id,y\n1,0\n2,\u0000\n",
    code: "FILE_UNREADABLE",
    message: ":3: expected text, got a NUL byte",
  },
  "UTF-16 that nobody declared": {
    name: "x.csv",
    content: Buffer.from(GOOD, "utf16le"),
    code: "FILE_UNREADABLE",
    message: ":1: expected text, got a NUL byte",
  },
  "UTF-16 that is none": {
    name: "x.csv",
    content: GOOD,
    options: ", csv: {encoding: utf-16}",
    code: "FILE_UNREADABLE",
    message: "expected text in utf-16, got bytes that no delimiter of it can be in",
    repaired: Buffer.from(GOOD, "utf16le"),
  },
  "half a UTF-16 character": {
    name: "x.csv",
    content: Buffer.concat([Buffer.from(GOOD, "utf16le"), Buffer.from([0x41])]),
    options: ", csv: {encoding: utf-16le}",
    code: "FILE_UNREADABLE",
    message: "expected text in utf-16le, got bytes that it does not have",
    repaired: Buffer.from(GOOD, "utf16le"),
  },
  "windows-1252 declared as latin-1": {
    name: "x.csv",
    content: Buffer.from([0x69, 0x64, 0x2c, 0x79, 0x0a, 0x80, 0x2c, 0x31, 0x0a]),
    options: ", csv: {encoding: latin-1}",
    code: "FILE_UNREADABLE",
    message: "expected text in latin-1, got bytes that it does not have",
  },
  "line ends of two kinds": {
    name: "x.csv",
    content: "id,y\r\n1,0\n2,1\r\n",
    code: "BAD_INPUT",
    message:
      "expected CSV after RFC 4180, got line ends of two kinds (CRLF and LF) or a stray quote",
  },
  "a header name twice": {
    name: "x.csv",
    content: "id,y,id\n1,0,1\n",
    code: "BAD_INPUT",
    message: 'expected column names that differ (by more than case), got "id" twice',
  },
  "a ragged row": {
    name: "x.csv",
    content: "id,y\n1,0\n2\n",
    code: "BAD_INPUT",
    message: ":3: expected as many fields as the header, got 1 instead of 2",
  },
  "a cell of 100 MB": {
    name: "x.csv",
    content: Buffer.concat([
      Buffer.from("id,y\n1,"),
      Buffer.alloc(100 * MEGABYTE, "x"),
      Buffer.from("\n"),
    ]),
    code: "BAD_INPUT",
    message: ":2: expected a record of at most 2000000 bytes, got a longer one",
  },
  "a cell of 100 MB in quotes, of many lines": {
    name: "x.csv",
    content: `id,y\n1,"${"x\n".repeat(50 * MEGABYTE)}"\n`,
    code: "BAD_INPUT",
    message: ":2: expected a quoted field to end, got the end of the file",
  },
  "a workbook that is none": {
    name: "x.xlsx",
    content: GOOD,
    code: "FILE_UNREADABLE",
    message: "expected an Excel workbook (.xlsx), got something else, or only a part of one",
  },
};

function listRaw(root: string): string[] {
  const folder = join(root, "data/raw");
  return existsSync(folder) ? readdirSync(folder).sort() : [];
}

async function failureOf(root: string): Promise<DuetMindError> {
  const project = await loadProject(root, {}, realEffects);
  return runData(project, realEffects).then(
    () => Promise.reject(new Error("expected a failure")),
    (thrown: unknown) => thrown as DuetMindError,
  );
}

test.each(Object.entries(CASES))(
  "%s: a clear error, nothing published, the next run is clean",
  async (_, each) => {
    const path = `data/source/${each.name}`;
    const project = await dataProject(`sources: {patients: {path: ${path}${each.options ?? ""}}}`, {
      "data/source/.keep": "",
    });
    const file = join(project.root, path);
    writeFileSync(file, each.content);
    const error = await failureOf(project.root);
    expect([error.code, error.exitCode]).toEqual([each.code, 2]);
    expect(error.message.replace(file, "FILE").replace(/^FILE: /, "FILE:")).toContain(
      String(each.message).startsWith(":") ? `FILE${each.message}` : `FILE:${each.message}`,
    );
    expect(listRaw(project.root)).toEqual([]);
    if (each.name.endsWith(".xlsx")) return;
    const repaired = each.repaired ?? (each.name.endsWith(".zst") ? undefined : GOOD);
    if (repaired === undefined) return;
    writeFileSync(file, repaired);
    const { record } = await runData(project, realEffects);
    expect(record.datasets[0]!.row_count).toBeGreaterThan(1);
    expect(listRaw(project.root)).toEqual(["data.record.json", "patients.parquet"]);
  },
  60_000,
);

test("a damaged part in a folder of Parquet is named; without it the folder is read", async () => {
  const project = await dataProject("sources: {patients: {path: data/parts}}", {
    "data/parts/year=2023/.keep": "",
    "data/parts/year=2024/.keep": "",
  });
  const engine = await openEngine();
  const part = (year: number) => join(project.root, `data/parts/year=${year}/p.parquet`);
  for (const year of [2023, 2024]) {
    await engine.run(
      sql`COPY (SELECT range AS id, range % 2 AS y FROM range(9)) TO ${lit(part(year))}`,
    );
  }
  engine.close();
  writeFileSync(part(2024), "PAR1 cut short");
  const error = await failureOf(project.root);
  expect([error.code, error.exitCode]).toEqual(["FILE_UNREADABLE", 2]);
  expect(error.message).toBe(
    `${part(2024)}: expected a Parquet file, got something else, or only a part of one`,
  );
  expect(listRaw(project.root)).toEqual([]);
  rmSync(part(2024));
  const { record } = await runData(project, realEffects);
  expect(record.datasets[0]).toMatchObject({ row_count: 9, column_count: 3 });
  expect(record.datasets[0]!.sources.map(({ path }) => path)).toEqual([
    "data/parts/year=2023/p.parquet",
  ]);
});

test("parts of other columns or types are named", async () => {
  const project = await dataProject("sources: {patients: {path: data/parts/*.parquet}}", {
    "data/parts/.keep": "",
  });
  const engine = await openEngine();
  const file = (name: string) => join(project.root, "data/parts", name);
  await engine.run(sql`COPY (SELECT 1::BIGINT AS id, 1 AS y) TO ${lit(file("a.parquet"))}`);
  await engine.run(sql`COPY (SELECT 1 AS y, 2::BIGINT AS id) TO ${lit(file("b.parquet"))}`);
  expect((await runData(project, realEffects)).record.datasets[0]!.row_count).toBe(2); // by name
  await engine.run(sql`COPY (SELECT 1 AS y, 1.5 AS id) TO ${lit(file("b.parquet"))}`);
  expect((await failureOf(project.root)).message).toBe(
    `${file("b.parquet")}: column "id": expected BIGINT like ${file("a.parquet")}, got DECIMAL(2,1)`,
  );
  await engine.run(sql`COPY (SELECT 1 AS y) TO ${lit(file("b.parquet"))}`);
  expect((await failureOf(project.root)).message).toBe(
    `${file("b.parquet")}: expected the columns of ${file("a.parquet")}, got no "id"`,
  );
  engine.close();
});

test("a glob that matches nothing", async () => {
  const project = await dataProject("sources: {patients: {path: 'data/source/*.csv'}}", {});
  const error = await failureOf(project.root);
  expect([error.code, error.exitCode]).toEqual(["FILE_NOT_FOUND", 2]);
  expect(error.message).toMatch(/data\/source\/\*\.csv: expected at least one file, got none$/);
  writeIn(project.root, "data/source/x.csv", GOOD);
  expect((await runData(project, realEffects)).record.datasets[0]!.row_count).toBe(2);
});

test("ten thousand columns", async () => {
  const names = Array.from({ length: 10_000 }, (_, i) => `c${i}`);
  const row = names.map((_, i) => i).join(",");
  const project = await dataProject("sources: {patients: {path: x.csv}}", {
    "x.csv": `${names.join(",")}\n${row}\n${row}\n`,
  });
  const error = await failureOf(project.root);
  expect([error.code, error.exitCode]).toEqual(["BAD_INPUT", 2]);
  expect(error.message).toMatch(/x\.csv: expected at most 5000 columns, got 10000$/);
  expect(listRaw(project.root)).toEqual([]);
  writeIn(project.root, "x.csv", GOOD);
  expect((await runData(project, realEffects)).record.datasets[0]!.row_count).toBe(2);
}, 60_000);

test("a long record is read where the source allows it", async () => {
  const cell = "x".repeat(40 * MEGABYTE);
  const project = await dataProject(
    "sources: {patients: {path: x.csv, csv: {max_record_bytes: 50000000}}}",
    { "x.csv": `id,y\n1,${cell}\n2,z\n` },
  );
  const { record } = await runData(project, realEffects);
  expect(record.datasets[0]!.row_count).toBe(2);
}, 60_000);

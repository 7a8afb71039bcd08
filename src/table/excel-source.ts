import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuetMindError } from "../core/errors.ts";
import { checkNames, emptyError } from "./csv-header.ts";
import { checkDeclaredColumns, type DeclaredTypes } from "./declared-types.ts";
import type { Engine } from "./engine.ts";
import { isInRange, parseRange } from "./excel-range.ts";
import { inspectWorkbook } from "./excel-workbook.ts";
import { withJson } from "./json-source.ts";
import type { FoundFile } from "./path-values.ts";
import type { ExcelParams } from "./source-params.ts";
import type { Sql } from "./sql.ts";

export type ExcelSource = Readonly<{
  files: readonly FoundFile[];
  excel: ExcelParams;
  types: DeclaredTypes;
}>;

type Cell = string | number | boolean | Date | null;

type Sheet = Readonly<{ names: readonly string[]; rows: readonly (readonly Cell[])[] }>;

/**
 * Hands a query over the rows of Excel workbooks, in file order, to `use`. They are read as NDJSON
 * would be: types by content over all rows, and a column of dates alone is a column of dates.
 */
export async function withExcel<T>(
  engine: Engine,
  { files, excel, types }: ExcelSource,
  use: (query: Sql) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "duetmind-"));
  try {
    let names: readonly string[] = [];
    let dates: readonly boolean[] = [];
    const texts: FoundFile[] = [];
    for (const [i, file] of files.entries()) {
      const sheet = await readSheet(file.path, excel);
      if (i > 0) checkSame(sheet.names, names, file.path, files[0]!.path);
      names = sheet.names;
      dates = names.map((_, column) => (dates[column] ?? true) && isDates(sheet, column));
      const path = join(folder, `${i}.ndjson`);
      await writeFile(path, toNdjson(sheet), { mode: 0o600 });
      texts.push({ ...file, path });
    }
    const found = files.flatMap(({ pathValues = [] }) => pathValues.map(({ column }) => column));
    checkDeclaredColumns(types, [...names, ...found], files[0]!.path);
    const dated = names.filter((_, column) => dates[column]!);
    const known = { ...Object.fromEntries(dated.map((name) => [name, DATE_TYPE])), ...types };
    const subject = files.map(({ path }) => path).join(", ");
    return await withJson(
      engine,
      { files: texts, format: "ndjson", types: known, decompress: {}, subject },
      use,
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const DATE_TYPE = "datetime64[ns]";

async function readSheet(file: string, excel: ExcelParams): Promise<Sheet> {
  const content = await readFile(file);
  const facts = inspectWorkbook(file, content, excel.sheet);
  const range = parseRange(excel.range);
  const nulls = new Set(excel.nulls ?? []);
  const wrong = facts.errorCells.find(
    ({ cell, error }) => isInRange(cell, range) && !nulls.has(error),
  );
  if (wrong !== undefined) {
    throw new DuetMindError(
      "BAD_INPUT",
      `${file}: sheet "${facts.name}", cell ${wrong.cell}: expected a value, got the error ${wrong.error}`,
      {
        file,
        hint: `mend the formula, or take it for missing with excel: {nulls: ["${wrong.error}"]}`,
      },
    );
  }
  const cells = (await readCells(file, content, facts.name))
    .slice(range.firstRow, range.lastRow + 1)
    .map((row) => row.slice(range.firstColumn, range.lastColumn + 1));
  return toSheet(file, cells, excel, nulls);
}

async function readCells(file: string, content: Buffer, sheet: string): Promise<readonly Cell[][]> {
  const library = await import("read-excel-file/node");
  try {
    const rows = await library.readSheet(content, sheet, { trim: false });
    return rows as readonly Cell[][];
  } catch (cause) {
    const got = cause instanceof Error ? cause.message : String(cause);
    throw new DuetMindError(
      "FILE_UNREADABLE",
      `${file}: expected a whole Excel workbook, got ${got}`,
      {
        file,
        cause,
      },
    );
  }
}

function toSheet(
  file: string,
  cells: readonly (readonly Cell[])[],
  { header = true, columns }: ExcelParams,
  nulls: ReadonlySet<string>,
): Sheet {
  const isBlank = (row: readonly Cell[]) => row.every((cell) => cell === null);
  const start = cells.findIndex((row) => !isBlank(row));
  const first = cells[start];
  if (first === undefined) throw emptyError(file);
  const rows = cells
    .slice(header ? start + 1 : start)
    .filter((row) => !isBlank(row))
    .map((row) => row.map((cell) => (typeof cell === "string" && nulls.has(cell) ? null : cell)));
  if (rows.length === 0) throw emptyError(file);
  const width = rows.reduce((most, row) => Math.max(most, row.length), first.length);
  const names = Array.from({ length: width }, (_, i) => columns?.[i] ?? nameOf(first, i, header));
  if (columns !== undefined && columns.length !== width) {
    throw new DuetMindError(
      "BAD_INPUT",
      `${file}: expected ${columns.length} columns as excel.columns names, got ${width}`,
      { file, path: "excel.columns" },
    );
  }
  checkNames(names, file);
  return { names, rows };
}

function nameOf(first: readonly Cell[], i: number, header: boolean): string {
  const cell = first[i] ?? null;
  if (!header) return `column${i}`;
  if (cell === null) return `Unnamed: ${i}`;
  return cell instanceof Date ? dateText(cell) : String(cell);
}

function checkSame(
  names: readonly string[],
  expected: readonly string[],
  file: string,
  first: string,
): void {
  if (names.join("\u0000") === expected.join("\u0000")) return;
  throw new DuetMindError(
    "BAD_INPUT",
    `${file}: expected the columns of ${first} (${expected.join(", ")}), got ${names.join(", ")}`,
    { file },
  );
}

function isDates({ rows }: Sheet, column: number): boolean {
  const values = rows.map((row) => row[column] ?? null).filter((cell) => cell !== null);
  return values.length > 0 && values.every((cell) => cell instanceof Date);
}

function toNdjson({ names, rows }: Sheet): string {
  const lines = rows.map((row) => {
    const cells = names.map((name, i) => [name, toJson(row[i] ?? null)]);
    return `${JSON.stringify(Object.fromEntries(cells))}\n`;
  });
  return lines.join("");
}

function toJson(cell: Cell): string | number | boolean | null {
  return cell instanceof Date ? dateText(cell) : cell;
}

/** Excel counts days; the library rounds its fractions down, which takes a millisecond off whole seconds. */
function dateText(date: Date): string {
  const time = date.getTime();
  const rest = ((time % 1000) + 1000) % 1000;
  return new Date(rest === 999 ? time + 1 : time).toISOString().replace(/(\.000)?Z$/, "");
}

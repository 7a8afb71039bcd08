import { DuetMindError } from "../core/errors.ts";
import type { Engine } from "../table/engine.ts";
import { toPandasType } from "../table/pandas-type.ts";
import type { RelationColumn } from "../table/relation.ts";
import { sourceColumns } from "../table/source.ts";
import { raw, sql } from "../table/sql.ts";
import type { SchemaChange, SchemaColumn } from "../validation/compare-schemas.ts";
import { compareSchemas } from "../validation/compare-schemas.ts";
import type { Evolution } from "../validation/contract.ts";
import { parseDtype } from "../validation/dtype.ts";
import type { GrowingDataset, PlannedDataset } from "./data-plan.ts";
import type { ReadRows } from "./data-read.ts";
import type { RawManifest } from "./raw-manifest.ts";

/** What later rows of a growing dataset are held against. */
export type Shape = Pick<RawManifest, "columns" | "read_types">;

/** Without a contract that says otherwise, every change is refused. */
export const FROZEN: Evolution = { added: "fail", removed: "fail", retyped: "fail" };

const TEXT_FORMATS = /^(csv|tsv|json|ndjson|xlsx)$/;

/**
 * The dataset as its next rows are read. Text has no types of its own, so a column is read as what it
 * was at first: a site code that holds only digits this week stays text. `onlyText` leaves the other
 * columns to what their values say.
 */
export async function keepTypes<T extends PlannedDataset>(
  engine: Engine,
  planned: T,
  shape: Shape | null,
  onlyText = false,
): Promise<T> {
  if (shape === null || !TEXT_FORMATS.test(planned.format)) return planned;
  const source = { ...planned.params, types: {}, path: planned.subject, format: planned.format };
  const present = new Set(await sourceColumns(engine, source, planned.files));
  const known = Object.entries(shape.read_types).filter(
    ([name, type]) => present.has(name) && (!onlyText || parseDtype(type)?.kind === "text"),
  );
  // a column that earlier rows had may be gone: what then happens is said by the policy
  const declared = Object.entries(planned.params.types).filter(
    ([name]) => present.has(name) || shape.read_types[name] === undefined,
  );
  const types = Object.fromEntries([...known, ...declared]);
  return { ...planned, params: { ...planned.params, types } };
}

/**
 * Holds the columns of rows that were just read against those of earlier ones, and gives the ones to
 * leave out. Throws COLUMN_NOT_FOUND or COLUMN_TYPE for what the policy refuses.
 */
export function checkColumns(
  planned: PlannedDataset,
  shape: Shape,
  read: readonly RelationColumn[],
  policy: Evolution,
): ReadonlySet<string> {
  const before = Object.entries(shape.read_types).map(([name, type]) => ({ name, type }));
  const { changes } = compareSchemas(before, read, policy);
  refuse(planned, changes, "earlier rows");
  return new Set(
    changes.flatMap(({ kind, action, column }) =>
      kind === "added" && action === "ignore" ? [column] : [],
    ),
  );
}

/** Holds a new version of a dataset that is read whole against the one before. Throws as checkColumns. */
export function checkVersion(
  planned: PlannedDataset,
  before: readonly SchemaColumn[],
  now: readonly SchemaColumn[],
  policy: Evolution,
): void {
  const refused = compareSchemas(before, now, policy).changes.find(
    ({ action }) => action === "fail",
  );
  if (refused !== undefined) throw changeError(planned, refused, "the version before");
}

/**
 * The shape after the next rows. The first rows decide it; what later ones may change is the policy's
 * to say. A column of two types takes the one that holds both.
 */
export async function nextShape(
  engine: Engine,
  planned: GrowingDataset,
  shape: Shape | null,
  { relation, readColumns, policy }: ReadRows,
): Promise<Shape> {
  const read = Object.fromEntries(readColumns.map(({ name, type }) => [name, type]));
  const columns = relation.columns.map(({ name, type, duckdbType }) => ({
    name,
    type,
    duckdb_type: duckdbType,
  }));
  if (shape === null) return { columns, read_types: read };
  const { changes } = compareSchemas(shape.columns.map(byEngine), columns.map(byEngine), policy);
  refuse(planned, changes, "stored rows");
  const change = new Map(changes.map((each) => [each.column, each]));
  const next: Shape["columns"] = [];
  for (const column of shape.columns) {
    const { kind, action, before, after } = change.get(column.name) ?? {};
    if (kind === "removed" && action === "ignore") continue;
    if (kind !== "retyped") next.push(column);
    else {
      const type = await commonType(engine, before!, after!);
      next.push({ name: column.name, type: toPandasType(type), duckdb_type: type });
    }
  }
  next.push(...columns.filter(({ name }) => change.get(name)?.kind === "added"));
  return { columns: next, read_types: nextReadTypes(shape.read_types, read, policy) };
}

function byEngine(column: Shape["columns"][number]): SchemaColumn {
  return { name: column.name, type: column.duckdb_type };
}

function nextReadTypes(
  before: Shape["read_types"],
  now: Shape["read_types"],
  { removed }: Evolution,
): Shape["read_types"] {
  const kept = Object.entries(before)
    .filter(([name]) => name in now || removed !== "ignore")
    .map(([name, type]) => [name, bothTypes(type, now[name] ?? type)]);
  return { ...now, ...Object.fromEntries(kept) };
}

/** Text is read again as what holds every value so far. */
function bothTypes(before: string, now: string): string {
  if (before === now) return before;
  const kinds = [parseDtype(before)?.kind, parseDtype(now)?.kind];
  if (!kinds.every((kind) => kind === "int" || kind === "float")) return "str";
  return kinds.includes("float") ? "float64" : "int64";
}

/** The engine's type that holds values of both; text where it has none. */
async function commonType(engine: Engine, a: string, b: string): Promise<string> {
  const rows = sql`SELECT CAST(NULL AS ${raw(a)}) AS v UNION ALL SELECT CAST(NULL AS ${raw(b)})`;
  try {
    const [described] = await engine.rows(sql`DESCRIBE ${rows}`);
    return String(described!["column_type"]);
  } catch {
    return "VARCHAR"; // the engine has no type for both, as for a date and a number
  }
}

/** What identifies rows keeps its type: a watermark that is text now has another order. */
function refuse(planned: PlannedDataset, changes: readonly SchemaChange[], earlier: string): void {
  const fixed = [...(planned.params.key ?? []), planned.growth?.params.watermark];
  const refused = changes.find(
    ({ kind, action, column }) =>
      action === "fail" || (kind === "retyped" && fixed.includes(column)),
  );
  if (refused !== undefined) throw changeError(planned, refused, earlier);
}

/** A change that the policy refuses; `earlier` is what it is a change of. */
function changeError(
  planned: PlannedDataset,
  { kind, column, before, after }: SchemaChange,
  earlier: string,
): DuetMindError {
  const [expected, got] = {
    added: [`the columns of ${earlier}`, `"${column}" as well`],
    removed: [`the column "${column}" of ${earlier}`, "none"],
    retyped: [`"${column}" as ${before}, like ${earlier}`, after],
  }[kind];
  return new DuetMindError(
    kind === "retyped" ? "COLUMN_TYPE" : "COLUMN_NOT_FOUND",
    `${planned.subject}: expected ${expected}, got ${got}`,
    { hint: changeHint(planned) },
  );
}

function changeHint({ contract }: PlannedDataset): string {
  const policy = contract === null ? "" : `say so under evolution in ${contract.path}, or `;
  return `if the source changed for good, ${policy}read all of it again with: duetmind data --full-refresh`;
}

/** A value that is not of the type that `keepTypes` declared, where nobody else did. */
export function unlikeEarlier(planned: PlannedDataset, error: DuetMindError): DuetMindError {
  const column = error.details.path?.replace(/^types\./, "");
  if (column !== undefined && column in planned.params.types) return error;
  const message = error.message.replace(" as types: declares,", ", like earlier rows,");
  const { path: _, ...details } = error.details;
  return new DuetMindError(error.code, message, { ...details, hint: changeHint(planned) });
}

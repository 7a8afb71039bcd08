import type { Effects } from "../core/effects.ts";
import { DuetMindError } from "../core/errors.ts";
import { nearestName } from "../core/nearest.ts";
import { emptyError } from "../table/csv-header.ts";
import { digestBeside } from "../table/digest-beside.ts";
import type { Engine } from "../table/engine.ts";
import { openParquet } from "../table/parquet-source.ts";
import { writeParquet, writeScan } from "../table/parquet-write.ts";
import { type Relation, type RelationColumn, ROW_NUMBER } from "../table/relation.ts";
import { withSource } from "../table/source.ts";
import { id, join, sql } from "../table/sql.ts";
import { type ContractOutcome, holdToContract } from "./data-contract.ts";
import { type PlannedDataset, type SourceDigest, toSourceDigest } from "./data-plan.ts";
import type { Project } from "./project.ts";

/** A source, or some of its files, as raw Parquet at `path` that its contract holds for. */
export type ReadRows = Readonly<{
  relation: Relation;
  /** As the files had them, before the contract coerced or added anything. */
  readColumns: readonly RelationColumn[];
  contract: ContractOutcome;
  /** Those that the contract left out are in. */
  rowsRead: number;
}>;

/**
 * Reads files of a source into a raw Parquet file at `path` and holds its rows to their contract.
 * Throws DATA_EMPTY, unless `mayBeEmpty`.
 */
export async function readRows(
  project: Project,
  engine: Engine,
  planned: PlannedDataset,
  path: string,
  effects: Effects,
  mayBeEmpty = false,
): Promise<ReadRows> {
  const subject = planned.subject;
  const source = { ...planned.params, path: subject, format: planned.format };
  await withSource(engine, source, planned.files, (query) => writeScan(engine, query, path));
  const read = await openParquet(engine, [path]);
  if (read.rowCount === 0 && !mayBeEmpty) throw emptyError(subject);
  checkKey(planned, read);
  const contract = await holdToContract(project, engine, planned, read, effects);
  const relation = await applyContract(engine, read, contract.output, path);
  return { relation, readColumns: read.columns, contract, rowsRead: read.rowCount };
}

export async function digestSources(planned: PlannedDataset): Promise<SourceDigest[]> {
  const digests: SourceDigest[] = [];
  for (const file of planned.files) {
    const { digest, sizeBytes } = await digestBeside(file.path);
    digests.push(toSourceDigest(planned, file, digest, sizeBytes));
  }
  return digests;
}

/** Writes the file again where the contract coerced, filtered or added something. */
async function applyContract(
  engine: Engine,
  read: Relation,
  output: Relation,
  path: string,
): Promise<Relation> {
  if (output.sql.text === read.sql.text) return read;
  const table = id(engine.freshName());
  await engine.run(sql`CREATE TABLE ${table} AS SELECT * FROM ${output.numbered}`);
  const columns = join(output.columns.map((column) => id(column.name)));
  await writeParquet(engine, sql`SELECT ${columns} FROM ${table} ORDER BY ${id(ROW_NUMBER)}`, path);
  await engine.run(sql`DROP TABLE ${table}`);
  return openParquet(engine, [path]);
}

/** Throws COLUMN_NOT_FOUND for a key that is no column. */
function checkKey(planned: PlannedDataset, relation: Relation): void {
  const names = relation.columns.map((column) => column.name);
  for (const name of planned.params.key ?? []) {
    if (names.includes(name)) continue;
    const near = nearestName(name, names);
    throw new DuetMindError(
      "COLUMN_NOT_FOUND",
      `sources.${planned.name}.key: expected a column of the data, got "${name}"`,
      near === undefined ? {} : { hint: `did you mean "${near}"?` },
    );
  }
}

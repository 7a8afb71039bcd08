import type { Effects } from "../core/effects.ts";
import { DuetMindError } from "../core/errors.ts";
import { nearestName } from "../core/nearest.ts";
import { countColumns, countDuplicates } from "../table/count-relation.ts";
import { emptyError } from "../table/csv-header.ts";
import { digestBeside } from "../table/digest-beside.ts";
import type { Engine } from "../table/engine.ts";
import { openParquet } from "../table/parquet-source.ts";
import { writeParquet, writeScan } from "../table/parquet-write.ts";
import { type Relation, ROW_NUMBER } from "../table/relation.ts";
import { scanRelation } from "../table/scan-relation.ts";
import { schemaHash } from "../table/schema-hash.ts";
import { withSource } from "../table/source.ts";
import { id, join as joinSql, sql } from "../table/sql.ts";
import { holdToContract } from "./data-contract.ts";
import {
  type PlannedDataset,
  type SourceDigest,
  toInputDigest,
  toSourceDigest,
} from "./data-plan.ts";
import { toQuality } from "./data-quality.ts";
import type { DatasetRecord } from "./data-record.ts";
import { toStatistics } from "./data-statistics.ts";
import type { Project } from "./project.ts";

/**
 * Reads one source into a raw Parquet file at `path`, holds it to its contract and takes its measure.
 * The two cores of a small machine are kept busy: the source is hashed while DuckDB reads it, and the
 * new file while its values stream by.
 */
export async function ingestDataset(
  project: Project,
  engine: Engine,
  planned: PlannedDataset,
  path: string,
  effects: Effects,
): Promise<DatasetRecord> {
  const subject = planned.params.path;
  const source = { ...planned.params, path: subject, format: planned.format };
  const files = planned.files.map((file) => file.path);
  const [sources] = await Promise.all([
    digestSources(planned),
    withSource(engine, source, files, (query) => writeScan(engine, query, path)),
  ]);
  const raw = await openParquet(engine, [path]);
  if (raw.rowCount === 0) throw emptyError(subject);
  checkKey(planned, raw);
  const contract = await holdToContract(project, engine, planned, raw, effects);
  const relation = await applyContract(engine, raw, contract.output, path);
  const key = planned.params.key;
  const [file, scan, counts] = await Promise.all([
    digestBeside(path),
    scanRelation(engine, relation),
    countColumns(engine, relation),
  ]);
  const increasing = scan.columns.filter((column) => column.isIncreasing).map(({ name }) => name);
  const duplicates = await countDuplicates(engine, relation, counts, key, increasing);
  return {
    name: planned.name,
    path: planned.output,
    format: "parquet",
    sha256: file.digest,
    size_bytes: file.sizeBytes,
    data_digest: scan.dataDigest,
    schema_hash: schemaHash(relation.columns),
    row_count: relation.rowCount,
    column_count: relation.columns.length,
    key: key ?? null,
    sources,
    statistics: scan.columns.map((column, i) =>
      toStatistics(column, counts[i]!, contract.isSensitive(column.name)),
    ),
    quality: toQuality(relation, counts, duplicates, contract.invalidCells),
    contract: contract.result,
    input_digest: toInputDigest(planned, sources),
  };
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
  raw: Relation,
  output: Relation,
  path: string,
): Promise<Relation> {
  if (output.sql.text === raw.sql.text) return raw;
  const table = id(engine.freshName());
  await engine.run(sql`CREATE TABLE ${table} AS SELECT * FROM ${output.numbered}`);
  const columns = joinSql(output.columns.map((column) => id(column.name)));
  await writeParquet(engine, sql`SELECT ${columns} FROM ${table} ORDER BY ${id(ROW_NUMBER)}`, path);
  await engine.run(sql`DROP TABLE ${table}`);
  return openParquet(engine, [path]);
}

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

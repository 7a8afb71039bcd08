import { extname } from "node:path";
import type { Effects } from "../core/effects.ts";
import { DuetMindError } from "../core/errors.ts";
import { PREDICTION, type Predictor, probabilityNames } from "../models/predictor.ts";
import { type BucketAccess, withFiles } from "../sources/with-files.ts";
import type { Engine } from "../table/engine.ts";
import { openEngine } from "../table/engine.ts";
import { writeParquet } from "../table/parquet-write.ts";
import type { FoundFile } from "../table/path-values.ts";
import { type Relation, ROW_NUMBER } from "../table/relation.ts";
import { openFiles, type SourceFile } from "../table/source.ts";
import { id, join, lit, raw, type Sql, sql } from "../table/sql.ts";
import { rawColumnsSql } from "./predict-columns.ts";
import { CLASS, ROW_ID, type Scores, scoreRelation } from "./predict-scores.ts";

/** How the rows of a file of predictions are written, by its extension. */
const WRITERS: Readonly<
  Record<string, (engine: Engine, query: Sql, path: string) => Promise<void>>
> = {
  ".parquet": writeParquet,
  ".csv": (engine, query, path) => copyAs(engine, query, path, "FORMAT csv, HEADER true"),
  ".tsv": (engine, query, path) =>
    copyAs(engine, query, path, "FORMAT csv, HEADER true, DELIMITER '\t'"),
  ".ndjson": (engine, query, path) => copyAs(engine, query, path, "FORMAT json"),
};

export type PredictRequest = Readonly<{
  predictor: Predictor;
  /** Also s3://BUCKET/KEY or a glob of keys. */
  source: SourceFile;
  /** How a bucket is reached, where the source is in one. */
  bucket?: BucketAccess;
  /** .parquet, .csv, .tsv or .ndjson. */
  output: string;
  /** Columns of the file that are written beside the predictions. */
  keep: readonly string[];
}>;

export type PredictSummary = Readonly<{
  rowCount: number;
  columns: readonly string[];
  /** How often each class was predicted, by label; null for regression. */
  counts: Readonly<Record<string, number>> | null;
}>;

/**
 * Scores a raw file, block by block, to a file with `row_id` (0-based place in the file), the kept
 * columns, `prediction` and one `probability_<class>` for each class.
 */
export async function runPredict(
  request: PredictRequest,
  effects: Effects,
): Promise<PredictSummary> {
  const { predictor, output } = request;
  const write = WRITERS[extname(output)];
  if (write === undefined) {
    throw new DuetMindError(
      "USAGE",
      `--out: expected a name that ends in ${Object.keys(WRITERS).join(", ")}, got "${output}"`,
    );
  }
  const { source, bucket = { connection: {}, env: {} }, keep } = request;
  const engine = await openEngine();
  const score = async (files: readonly FoundFile[]): Promise<PredictSummary> => {
    const relation = await openFiles(engine, source, files);
    const from = await rawColumnsSql(engine, predictor.view, relation, source.path);
    const scores = await scoreRelation(engine, predictor, from, relation.rowCount, effects);
    const query = outputSql(predictor, relation, scores, keep, source.path);
    await effects.files.publish(output, (temporary) => write(engine, query, temporary));
    return {
      rowCount: relation.rowCount,
      columns: [ROW_ID, ...keep, PREDICTION, ...probabilityNames(predictor)],
      counts: countsByLabel(predictor, scores),
    };
  };
  try {
    return await withFiles(engine, source, bucket, score, effects);
  } finally {
    engine.close();
  }
}

function countsByLabel({ classes }: Predictor, { counts }: Scores): PredictSummary["counts"] {
  if (classes.length === 0) return null;
  return Object.fromEntries(classes.map((label, k) => [String(label), counts[k]!]));
}

/** Labels for class numbers, kept columns by row number, in the order of the file. */
function outputSql(
  predictor: Predictor,
  relation: Relation,
  scores: Scores,
  keep: readonly string[],
  file: string,
): Sql {
  const { classes } = predictor;
  const taken = [ROW_ID, PREDICTION, ...probabilityNames(predictor)];
  const clash = keep.find((name) => taken.includes(name));
  if (clash !== undefined) {
    throw new DuetMindError(
      "USAGE",
      `--keep: expected a name other than ${taken.join(", ")}, got "${clash}"`,
    );
  }
  const unknown = keep.find((name) => !relation.columns.some((column) => column.name === name));
  if (unknown !== undefined) {
    throw new DuetMindError(
      "COLUMN_NOT_FOUND",
      `--keep: expected a column of ${file}, got "${unknown}"`,
    );
  }
  const labels = classes.map((label, k) => sql`WHEN ${lit(k)} THEN ${lit(label)}`);
  const prediction =
    classes.length === 0 ? sql`s.p0` : sql`CASE s.${id(CLASS)} ${join(labels, " ")} END`;
  const columns = [
    sql`s.${id(ROW_ID)} AS ${id(ROW_ID)}`,
    ...keep.map((name) => sql`r.${id(name)} AS ${id(name)}`),
    sql`${prediction} AS ${id(PREDICTION)}`,
    ...probabilityNames(predictor).map((name, k) => sql`s.${id(`p${k}`)} AS ${id(name)}`),
  ];
  const source =
    keep.length === 0
      ? sql`${scores.sql} AS s`
      : sql`${scores.sql} AS s JOIN ${relation.numbered} AS r ON s.${id(ROW_ID)} = r.${id(ROW_NUMBER)}`;
  return sql`SELECT ${join(columns)} FROM ${source} ORDER BY s.${id(ROW_ID)}`;
}

function copyAs(engine: Engine, query: Sql, path: string, options: string): Promise<void> {
  return engine.run(sql`COPY (${query}) TO ${lit(path)} (${raw(options)})`);
}

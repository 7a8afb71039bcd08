import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Effects } from "../core/effects.ts";
import { DuetMindError } from "../core/errors.ts";
import { digestFile } from "../core/hash.ts";
import { parseJson } from "../core/json.ts";
import { type FeatureView, parseFeatureView } from "../features/feature-view.ts";
import { SPLITS, type SplitName } from "../features/split-params.ts";
import { SUBJECT_CODE } from "../features/subject-code-sql.ts";
import { type Matrix, toMatrix } from "../models/matrix.ts";
import { type Column, type Columns, readColumns } from "../table/columns.ts";
import type { Engine } from "../table/engine.ts";
import { id, join as joinSql, lit, type Sql, sql } from "../table/sql.ts";
import type { Project } from "./project.ts";
import type { RecordedFile } from "./train-record.ts";

const ROW_ID = "row_id";
const VIEW_FILE = "feature-view.json";
const INPUT_FILES = [
  ...["features.parquet", "labels.parquet", "split.parquet", "test-inputs.parquet"],
  VIEW_FILE,
] as const;

/** What the features stage left, as far as training needs it at once; matrices are read a split at a time. */
export type TrainData = Readonly<{
  view: FeatureView;
  files: readonly RecordedFile[];
  /** Split of each row in the order of row_id, as are the code of its subject and `model.slices`. */
  splits: readonly SplitName[];
  /** Null without a declared subject. */
  subjects: Float64Array | null;
  slices: readonly Column[];
  target: Column;
  /** Raw inputs of the test split. */
  testInputs: Columns;
  readMatrix(split: SplitName): Promise<Matrix>;
}>;

/** Reads data/processed; a file that is absent says which stage makes it. */
export async function readTrainData(
  project: Project,
  engine: Engine,
  effects: Effects,
): Promise<TrainData> {
  const folder = project.params.data.processed;
  const pathOf = (name: string) => join(project.root, folder, name);
  const files = INPUT_FILES.map((name): RecordedFile => {
    if (!existsSync(pathOf(name))) {
      throw new DuetMindError(
        "FILE_NOT_FOUND",
        `${folder}/${name}: expected the output of the features stage, got no file`,
        {
          file: `${folder}/${name}`,
          hint: "run: duetmind features",
        },
      );
    }
    const { digest, sizeBytes } = digestFile(pathOf(name));
    return { path: `${folder}/${name}`, sha256: digest, size_bytes: sizeBytes };
  });
  const table = (name: string) => sql`read_parquet(${lit(pathOf(name))})`;
  const view = parseFeatureView(
    parseJson(await effects.files.readBytes(pathOf(VIEW_FILE)), `${folder}/${VIEW_FILE}`),
    `${folder}/${VIEW_FILE}`,
  );
  const labels = await readColumns(engine, ordered(table("labels.parquet")));
  const split = await readColumns(engine, ordered(table("split.parquet")));
  const target = labels.columns.find((column) => column.name === view.target.column);
  const [splitColumn, ...others] = split.columns;
  if (target === undefined || splitColumn?.kind !== "text" || labels.rowCount !== split.rowCount) {
    throw new DuetMindError(
      "BAD_INPUT",
      `${folder}: expected labels.parquet with "${view.target.column}" and split.parquet with "split", for the same rows, got other columns or ${labels.rowCount} and ${split.rowCount} rows`,
      { hint: "run: duetmind features" },
    );
  }
  const subjects = view.subject === null ? null : subjectsOf(others[0], folder);
  const names = view.outputs.map((output) => output.name);
  return {
    ...{ view, files, target, subjects, slices: others.slice(subjects === null ? 0 : 1) },
    splits: Array.from(splitColumn.codes, (code) => splitColumn.dictionary[code] as SplitName),
    testInputs: await readColumns(engine, ordered(table("test-inputs.parquet"))),
    async readMatrix(wanted) {
      const { columns, rowCount } = await readColumns(
        engine,
        sql`SELECT ${joinSql(names.map((name) => sql`f.${id(name)}::DOUBLE AS ${id(name)}`))}
            FROM ${table("features.parquet")} AS f JOIN ${table("split.parquet")} AS s USING (${id(ROW_ID)})
            WHERE s.split = ${lit(wanted)} ORDER BY ${id(ROW_ID)}`,
      );
      const values = columns.map((column) => (column.kind === "number" ? column.values : []));
      return toMatrix(names, values, rowCount);
    },
  };
}

/** Features that 0.1.0 built lack it. */
function subjectsOf(column: Column | undefined, folder: string): Float64Array {
  if (column?.kind === "number" && column.name === SUBJECT_CODE) return column.values;
  throw new DuetMindError(
    "BAD_INPUT",
    `${folder}/split.parquet: expected "${SUBJECT_CODE}" beside "split", got ${column === undefined ? "no other column" : `"${column.name}"`}`,
    { file: `${folder}/split.parquet`, hint: "run: duetmind features" },
  );
}

function ordered(from: Sql): Sql {
  return sql`SELECT * EXCLUDE (${id(ROW_ID)}) FROM ${from} ORDER BY ${id(ROW_ID)}`;
}

/** The row numbers of each split. */
export function rowsOfSplits(
  splits: readonly SplitName[],
): Readonly<Record<SplitName, Int32Array>> {
  const rows = (wanted: SplitName) =>
    Int32Array.from(splits.flatMap((split, row) => (split === wanted ? [row] : [])));
  const [train, validation, test] = SPLITS.map(rows) as [Int32Array, Int32Array, Int32Array];
  for (const [name, found] of Object.entries({ train, test })) {
    if (found.length > 0) continue;
    throw new DuetMindError(
      "DATA_EMPTY",
      `split ${name}: expected at least one row, got none of ${splits.length}`,
      {
        hint: "bring more rows, or change the fractions in params.yaml: split",
      },
    );
  }
  return { train, validation, test };
}

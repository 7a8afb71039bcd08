import { DuetMindError } from "../core/errors.ts";
import { nearestName } from "../core/nearest.ts";
import {
  type DatasetColumns,
  type DatasetLineage,
  type DatasetVersion,
  datasetHistory,
  datasetLineage,
} from "../registry/dataset-history-queries.ts";
import { listDatasets } from "../registry/dataset-queries.ts";
import { type IngestRunRow, listIngestRuns } from "../registry/ingest-run-queries.ts";
import { type SchemaChange, schemaChanges } from "../registry/schema-changes.ts";
import type { Database } from "../store/database.ts";

/** All that is known of a dataset, seen from one version, as `duetmind datasets show --json` prints it. */
export type DatasetCard = Readonly<{
  schema_version: 1;
  dataset: DatasetVersion;
  columns: DatasetColumns;
  lineage: DatasetLineage;
  /** The oldest first, so that quality and columns can be read over time. */
  versions: readonly DatasetVersion[];
  /** The newest first. */
  runs: readonly IngestRunRow[];
}>;

const SHOWN_RUNS = 20;

export async function datasetCard(
  db: Database,
  name: string,
  version: number | undefined,
): Promise<DatasetCard> {
  const history = await requireHistory(db, name);
  const shown = requireVersion(history, name, version);
  return {
    schema_version: 1,
    dataset: shown.version,
    columns: shown.columns,
    lineage: await datasetLineage(db, shown.id),
    versions: history.map((one) => one.version),
    runs: await listIngestRuns(db, name, SHOWN_RUNS),
  };
}

/** How two versions of a dataset differ. */
export type DatasetDiff = Readonly<{
  schema_version: 1;
  name: string;
  a: DatasetVersion;
  b: DatasetVersion;
  /** The same bytes. */
  same: boolean;
  schema_changes: readonly SchemaChange[];
  /** Measures of columns that both have and that differ, those masked left out. */
  column_changes: readonly Readonly<{
    column: string;
    measure: string;
    before: unknown;
    after: unknown;
  }>[];
}>;

export async function datasetDiff(
  db: Database,
  name: string,
  versions: readonly [number, number],
): Promise<DatasetDiff> {
  const history = await requireHistory(db, name);
  const [a, b] = versions.map((version) => requireVersion(history, name, version)) as [
    History[number],
    History[number],
  ];
  return {
    schema_version: 1,
    name,
    a: a.version,
    b: b.version,
    same: a.version.content_sha256 === b.version.content_sha256,
    schema_changes: schemaChanges(a.columns, b.columns),
    column_changes: columnChanges(a.columns, b.columns),
  };
}

const MEASURES = ["missing", "distinct", "min", "max", "mean", "std"] as const;

function columnChanges(a: DatasetColumns, b: DatasetColumns): DatasetDiff["column_changes"] {
  const before = new Map(a.map((column) => [column.name, column]));
  return b.flatMap((column) => {
    const was = before.get(column.name);
    if (was === undefined) return [];
    return MEASURES.flatMap((measure) => {
      const [old, now] = [was[measure] ?? null, column[measure] ?? null];
      return old === now ? [] : [{ column: column.name, measure, before: old, after: now }];
    });
  });
}

type History = Awaited<ReturnType<typeof datasetHistory>>;

async function requireHistory(db: Database, name: string): Promise<History> {
  const history = await datasetHistory(db, name);
  if (history.length > 0) return history;
  const near = nearestName(
    name,
    (await listDatasets(db)).map((row) => row.name),
  );
  throw new DuetMindError("NOT_FOUND", `dataset ${name}: expected a registered dataset, got none`, {
    hint: near === undefined ? "see: duetmind datasets" : `did you mean "${near}"?`,
  });
}

function requireVersion(
  history: History,
  name: string,
  version: number | undefined,
): History[number] {
  const found =
    version === undefined ? history.at(-1) : history.find((one) => one.version.version === version);
  if (found !== undefined) return found;
  const [first, last] = [history[0]!.version.version, history.at(-1)!.version.version];
  throw new DuetMindError(
    "NOT_FOUND",
    `dataset ${name}: expected a version from ${first} to ${last}, got ${version}`,
  );
}

import { sql } from "kysely";
import { z } from "zod";
import type { Database } from "../store/database.ts";
import type { ModelVersionRow } from "./model-queries.ts";
import { findStageRecord, type StoredRecord } from "./stage-record-queries.ts";

export type SourceDataset = Readonly<{
  name: string;
  version: number;
  kind: string;
  content_sha256: string;
  row_count: number;
  column_count: number;
  file_path: string;
  record_digest: string;
}>;

/** What a model version was made of, by the records of its stages. */
export type RebuildSource = Readonly<{
  train: StoredRecord;
  features: StoredRecord;
  /** The raw datasets that the features were built from. */
  datasets: readonly SourceDataset[];
}>;

/**
 * Follows the digests from a training back to its raw data. The build of features is the one whose
 * record names every input of the training: features.parquet alone may be the same in two builds that
 * differ in their split. Undefined for a version that no record of ours describes.
 */
export async function rebuildSourceOf(
  db: Database,
  version: Pick<ModelVersionRow, "record_digest">,
): Promise<RebuildSource | undefined> {
  if (version.record_digest === null) return undefined;
  const train = await findStageRecord(db, version.record_digest);
  if (train === undefined) return undefined;
  const features = await findBuild(
    db,
    inputsOf(train).map(({ sha256 }) => sha256),
  );
  if (features === undefined) return undefined;
  const inputs = inputsOf(features);
  const { rows: datasets } = await sql<SourceDataset>`
    SELECT d.name, d.version, d.kind, d.content_sha256, d.row_count, d.column_count, d.file_path,
      d.record_digest
    FROM unnest(${inputs.map(({ name }) => name ?? "")}::text[],
      ${inputs.map(({ sha256 }) => sha256)}::text[]) AS i(name, sha256)
    JOIN duetmind.dataset_catalog d ON d.name = i.name AND d.content_sha256 = i.sha256
    ORDER BY d.name`.execute(db);
  return { train, features, datasets };
}

async function findBuild(
  db: Database,
  digests: readonly string[],
): Promise<StoredRecord | undefined> {
  const { rows } = await sql<StoredRecord>`
    SELECT digest, stage, body::text AS text FROM duetmind.stage_record r
    WHERE stage = 'features' AND NOT EXISTS (
      SELECT FROM unnest(${digests}::text[]) AS d(digest) WHERE strpos(r.body::text, d.digest) = 0)
    ORDER BY registered_at, digest LIMIT 1`.execute(db);
  return rows[0];
}

/** Records of every stage but the first list their inputs alike. */
const withInputs = z.looseObject({
  inputs: z.array(z.looseObject({ name: z.string().optional(), sha256: z.string() })),
});

function inputsOf(record: StoredRecord) {
  return withInputs.parse(JSON.parse(record.text)).inputs;
}

import { sql } from "kysely";
import type { Digest } from "../core/hash.ts";
import type { Database } from "../store/database.ts";
import { findStageRecord, type StoredRecord } from "./stage-record-queries.ts";
import type { ModelVersionRow } from "./model-queries.ts";

/** What a model version can be rebuilt from: the records of its stages and the bytes they began with. */
export type RebuildSource = Readonly<{
  train: StoredRecord;
  features: StoredRecord;
  datasets: readonly Readonly<{
    name: string;
    version: number;
    filePath: string;
    contentSha256: Digest;
    record: StoredRecord;
  }>[];
}>;

/** Undefined for a version that no record of ours describes. */
export async function rebuildSourceOf(
  db: Database,
  version: ModelVersionRow,
): Promise<RebuildSource | undefined> {
  if (version.record_digest === null || version.training_dataset_id === null) return undefined;
  const train = await findStageRecord(db, version.record_digest);
  const built = await db
    .selectFrom("dataset_catalog")
    .select("record_digest")
    .where("id", "=", version.training_dataset_id)
    .executeTakeFirst();
  const features = built && (await findStageRecord(db, built.record_digest));
  if (train === undefined || features === undefined) return undefined;
  const sources = await sql<{
    name: string;
    version: number;
    file_path: string;
    content_sha256: Digest;
    digest: Digest;
    stage: StoredRecord["stage"];
    text: string;
  }>`
    SELECT d.name, d.version, d.file_path, d.content_sha256, r.digest, r.stage, r.body::text AS text
    FROM duetmind.dataset_source s
    JOIN duetmind.dataset_catalog d ON d.id = s.source_dataset_id
    JOIN duetmind.stage_record r ON r.digest = d.record_digest
    WHERE s.dataset_id = ${version.training_dataset_id}
    ORDER BY d.name`.execute(db);
  const datasets = sources.rows.map((row) => ({
    name: row.name,
    version: row.version,
    filePath: row.file_path,
    contentSha256: row.content_sha256,
    record: { digest: row.digest, stage: row.stage, text: row.text },
  }));
  return { train, features, datasets };
}

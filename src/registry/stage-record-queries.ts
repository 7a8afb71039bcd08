import { sql } from "kysely";
import type { Digest } from "../core/hash.ts";
import type { Database } from "../store/database.ts";

export type StageName = "data" | "features" | "train";

export type StageRecordRow = Readonly<{
  digest: Digest;
  stage: StageName;
  /** Path of the record file, relative to the project. */
  path: string;
  /** The file's text, to the byte. */
  text: string;
  journalText: string | null;
  at: Date;
  actor: string;
}>;

/**
 * Writes a record down; false when it is there already. Somebody who imports the same record at the
 * same time is waited for, so of two importers exactly one gets true.
 */
export async function insertStageRecord(db: Database, row: StageRecordRow): Promise<boolean> {
  const { rows } = await sql<{ digest: string }>`
    INSERT INTO duetmind.stage_record
      (digest, stage, path, body, journal, registered_at, registered_by)
    VALUES (${row.digest}, ${row.stage}, ${row.path}, ${row.text}::text::json,
      ${row.journalText}::text::jsonb, ${row.at}::timestamptz, ${row.actor})
    ON CONFLICT (digest) DO NOTHING
    RETURNING digest`.execute(db);
  return rows.length === 1;
}

export type StoredRecord = Readonly<{ digest: Digest; stage: StageName; text: string }>;

export async function findStageRecord(
  db: Database,
  digest: string,
): Promise<StoredRecord | undefined> {
  const { rows } = await sql<StoredRecord>`
    SELECT digest, stage, body::text AS text FROM duetmind.stage_record
    WHERE digest = ${digest}`.execute(db);
  return rows[0];
}

/** Those of the digests that are registered. */
export async function registeredDigests(
  db: Database,
  digests: readonly Digest[],
): Promise<ReadonlySet<string>> {
  if (digests.length === 0) return new Set();
  const rows = await db
    .selectFrom("stage_record")
    .select("digest")
    .where("digest", "in", digests)
    .execute();
  return new Set(rows.map(({ digest }) => digest));
}

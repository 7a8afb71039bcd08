import { sql } from "kysely";
import type { Digest } from "../core/hash.ts";
import type { Database } from "../store/database.ts";

/** A file of a run: its path below the run's artifact root and the object that holds its bytes. */
export type RunArtifact = Readonly<{ path: string; digest: Digest; sizeBytes: number }>;

export async function logArtifacts(
  db: Database,
  runId: string,
  artifacts: readonly RunArtifact[],
): Promise<void> {
  if (artifacts.length === 0) return;
  await sql`
    INSERT INTO duetmind.run_artifact (run_id, path, digest, size_bytes)
    SELECT ${runId}::text, * FROM unnest(${artifacts.map(({ path }) => path)}::text[],
      ${artifacts.map(({ digest }) => digest)}::text[],
      ${artifacts.map(({ sizeBytes }) => sizeBytes)}::bigint[])
    ON CONFLICT (run_id, path) DO UPDATE
    SET digest = excluded.digest, size_bytes = excluded.size_bytes`.execute(db);
}

export async function listArtifacts(db: Database, runId: string): Promise<RunArtifact[]> {
  const rows = await db
    .selectFrom("run_artifact")
    .select(["path", "digest", "size_bytes"])
    .where("run_id", "=", runId)
    .orderBy("path")
    .execute();
  return rows.map((row) => ({
    path: row.path,
    digest: row.digest as Digest,
    sizeBytes: row.size_bytes,
  }));
}

import { sql } from "kysely";
import type { Digest } from "../core/hash.ts";
import type { Database } from "../store/database.ts";

/** A file below some root of the artifact proxy, and the object that holds its bytes. */
export type ArtifactFile = Readonly<{ path: string; digest: Digest; sizeBytes: number }>;

/** Where the files of a run are, as a path of the artifact proxy. */
export function runArtifactRoot(
  run: Readonly<{ runId: string; experimentId: number | string }>,
): string {
  return `${run.experimentId}/${run.runId}/artifacts`;
}

/** Names files below a root; a path that is named again holds the newer bytes. */
export async function putArtifactFiles(
  db: Database,
  root: string,
  files: readonly ArtifactFile[],
  at: Date,
): Promise<void> {
  if (files.length === 0) return;
  const sorted = files.toSorted((a, b) => (a.path < b.path ? -1 : 1)); // the order of locks
  await sql`
    INSERT INTO duetmind.artifact_file (path, digest, size_bytes, updated_at)
    SELECT path, digest, size_bytes, ${at}::timestamptz
    FROM unnest(${sorted.map(({ path }) => `${root}/${path}`)}::text[],
      ${sorted.map(({ digest }) => digest)}::text[],
      ${sorted.map(({ sizeBytes }) => sizeBytes)}::bigint[]) AS n(path, digest, size_bytes)
    ON CONFLICT (path) DO UPDATE SET digest = excluded.digest, size_bytes = excluded.size_bytes,
      updated_at = excluded.updated_at`.execute(db);
}

/** Every file below a root, at any depth, in the bytewise order of their paths. */
export async function listArtifactFiles(db: Database, root: string): Promise<ArtifactFile[]> {
  const rows = await db
    .selectFrom("artifact_file")
    .select(["path", "digest", "size_bytes"])
    .where("path", ">", `${root}/`)
    .where("path", "<", `${root}0`) // "0" follows "/" in ASCII
    .orderBy("path")
    .execute();
  return rows.map((row) => ({
    path: row.path.slice(root.length + 1),
    digest: row.digest as Digest,
    sizeBytes: row.size_bytes,
  }));
}

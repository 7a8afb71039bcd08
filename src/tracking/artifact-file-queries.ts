import { sql } from "kysely";
import type { Digest } from "../core/hash.ts";
import type { Database } from "../store/database.ts";

/** A file below some root of the artifact proxy, and the object that holds its bytes. */
export type ArtifactFile = Readonly<{ path: string; digest: Digest; sizeBytes: number }>;

/** What a folder holds: files, and folders, which are there as long as a file is below them. */
export type ArtifactEntry = Readonly<{ name: string; isFolder: boolean; sizeBytes: number }>;

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
  const below = prefixOf(root);
  await sql`
    INSERT INTO duetmind.artifact_file (path, digest, size_bytes, updated_at)
    SELECT path, digest, size_bytes, ${at}::timestamptz
    FROM unnest(${sorted.map(({ path }) => `${below}${path}`)}::text[],
      ${sorted.map(({ digest }) => digest)}::text[],
      ${sorted.map(({ sizeBytes }) => sizeBytes)}::bigint[]) AS n(path, digest, size_bytes)
    ON CONFLICT (path) DO UPDATE SET digest = excluded.digest, size_bytes = excluded.size_bytes,
      updated_at = excluded.updated_at`.execute(db);
}

/**
 * Lets one transaction at a time add a file below a top folder, which is an experiment's. Two writers
 * who do not see each other could else make one path a file and a folder.
 */
export async function lockTopFolder(db: Database, path: string): Promise<void> {
  const name = `artifact_file ${path.split("/", 1)[0]}`;
  await sql`SELECT pg_advisory_xact_lock(hashtextextended(${name}::text, 0))`.execute(db);
}

/** A file that stands where a file's path needs a folder, or the other way round; else undefined. */
export async function findPathConflict(db: Database, path: string): Promise<string | undefined> {
  const parts = path.split("/");
  const folders = parts.slice(1).map((_, i) => parts.slice(0, i + 1).join("/"));
  const { rows } = await sql<{ path: string }>`
    (SELECT path FROM duetmind.artifact_file WHERE path = ANY(${folders}::text[]) LIMIT 1)
    UNION ALL
    (SELECT path FROM duetmind.artifact_file
      WHERE path > ${`${path}/`}::text AND path < ${`${path}0`}::text LIMIT 1)
    LIMIT 1`.execute(db);
  return rows[0]?.path;
}

/** The file at a path; a folder there is told by its name, and nothing by undefined. */
export async function findArtifact(
  db: Database,
  path: string,
): Promise<(ArtifactFile & Readonly<{ updatedAt: Date }>) | "folder" | undefined> {
  type Row = { path: string; digest: string; size_bytes: number; updated_at: Date };
  const { rows } = await sql<Row>`
    (SELECT path, digest, size_bytes, updated_at FROM duetmind.artifact_file
      WHERE path = ${path}::text)
    UNION ALL
    (SELECT path, digest, size_bytes, updated_at FROM duetmind.artifact_file
      WHERE path > ${`${path}/`}::text AND path < ${`${path}0`}::text LIMIT 1)
    LIMIT 1`.execute(db);
  const row = rows[0];
  if (row === undefined) return undefined;
  if (row.path !== path) return "folder";
  return {
    path,
    digest: row.digest as Digest,
    sizeBytes: row.size_bytes,
    updatedAt: row.updated_at,
  };
}

/**
 * What lies directly in a folder, by name. Each entry is found by one look into the index, so a
 * folder of a million files below is one row and costs as much. The next path after a file is the file's
 * and the smallest character; after a folder, the folder's and what follows the slash, which is "0".
 */
export async function listArtifactFolder(db: Database, path: string): Promise<ArtifactEntry[]> {
  const [first, end] = [prefixOf(path), path === "" ? "\u{10FFFF}" : `${path}0`];
  type Row = { name: string; is_folder: boolean; size_bytes: number };
  const { rows } = await sql<Row>`
    WITH RECURSIVE entry AS (
      SELECT f.rest, f.size_bytes FROM (
        SELECT substr(path, char_length(${first}::text) + 1) AS rest, size_bytes
        FROM duetmind.artifact_file
        WHERE path > ${first}::text AND path < ${end}::text ORDER BY path LIMIT 1) AS f
      UNION ALL
      SELECT f.rest, f.size_bytes FROM entry AS e CROSS JOIN LATERAL (
        SELECT substr(path, char_length(${first}::text) + 1) AS rest, size_bytes
        FROM duetmind.artifact_file
        WHERE path >= ${first}::text || CASE WHEN strpos(e.rest, '/') = 0 THEN e.rest || chr(1)
            ELSE split_part(e.rest, '/', 1) || '0' END
          AND path < ${end}::text ORDER BY path LIMIT 1) AS f
    )
    SELECT split_part(rest, '/', 1) AS name, strpos(rest, '/') > 0 AS is_folder, size_bytes
    FROM entry ORDER BY split_part(rest, '/', 1) COLLATE "C"`.execute(db);
  return rows.map((row) => ({
    name: row.name,
    isFolder: row.is_folder,
    sizeBytes: row.is_folder ? 0 : row.size_bytes,
  }));
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

/** Forgets a file, or a folder with all that is below it; gives the objects of what was there. */
export async function deleteArtifactFiles(db: Database, path: string): Promise<Digest[]> {
  const { rows } = await sql<{ digest: Digest }>`
    DELETE FROM duetmind.artifact_file
    WHERE path = ${path}::text OR (path > ${`${path}/`}::text AND path < ${`${path}0`}::text)
    RETURNING digest`.execute(db);
  return rows.map(({ digest }) => digest);
}

function prefixOf(folder: string): string {
  return folder === "" ? "" : `${folder}/`;
}

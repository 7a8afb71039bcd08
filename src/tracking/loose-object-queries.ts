import { sql } from "kysely";
import type { Digest } from "../core/hash.ts";
import type { Database } from "../store/database.ts";

/** Bytes in the object store. */
export type Objects = Readonly<{ objects: number; sizeBytes: number }>;

export type LooseObject = Readonly<{ digest: Digest; sizeBytes: number }>;

/**
 * Held until the transaction ends. Any number of writers may refer to objects at one time, and look again
 * behind this lock whether the objects are still there; who frees some waits for them and they for him.
 */
export async function lockObjects(db: Database, use: "refer" | "free"): Promise<void> {
  const lock = sql.raw(`pg_advisory_xact_lock${use === "refer" ? "_shared" : ""}`);
  await sql`SELECT ${lock}(hashtextextended('duetmind objects', 0))`.execute(db);
}

/** What could be freed if the files below some folders went: their objects, and those let go of before. */
export async function measureLooseObjects(
  db: Database,
  folders: readonly string[],
  before: Date,
): Promise<Objects> {
  const { rows } = await sql<{ objects: number; size_bytes: number }>`
    WITH leaving AS (
      SELECT DISTINCT f.path, f.digest, f.size_bytes
      FROM unnest(${folders}::text[]) AS p(folder) JOIN duetmind.artifact_file AS f
        ON f.path > p.folder || '/' AND f.path < p.folder || '0'
    ), loose AS (
      SELECT digest, size_bytes FROM leaving
      UNION
      SELECT digest, size_bytes FROM duetmind.loose_object WHERE since < ${before}::timestamptz
    )
    SELECT count(*) AS objects, coalesce(sum(l.size_bytes), 0)::bigint AS size_bytes
    FROM loose AS l
    WHERE NOT EXISTS (SELECT FROM duetmind.recorded_object AS r WHERE r.digest = l.digest)
      AND (SELECT count(*) FROM duetmind.artifact_file AS f WHERE f.digest = l.digest)
        = (SELECT count(*) FROM leaving AS v WHERE v.digest = l.digest)`.execute(db);
  return { objects: rows[0]!.objects, sizeBytes: rows[0]!.size_bytes };
}

/** What was let go of before a moment, and which of some digests were, in order behind `after`. */
export async function findLooseObjects(
  db: Database,
  { before, digests, after }: Readonly<{ before: Date; digests: readonly Digest[]; after: string }>,
  limit: number,
): Promise<LooseObject[]> {
  const { rows } = await sql<LooseRow>`
    SELECT digest, size_bytes FROM duetmind.loose_object
    WHERE (since < ${before}::timestamptz OR digest = ANY(${digests}::text[])) AND digest > ${after}
    ORDER BY digest LIMIT ${limit}`.execute(db);
  return rows.map(toLooseObject);
}

/** Of some digests those still loose; strikes the others off, which a path or a record names again. */
export async function strikeNamedObjects(
  db: Database,
  digests: readonly Digest[],
): Promise<LooseObject[]> {
  const { rows } = await sql<LooseRow>`
    WITH named AS (
      DELETE FROM duetmind.loose_object AS l
      WHERE l.digest = ANY(${digests}::text[])
        AND (EXISTS (SELECT FROM duetmind.artifact_file AS f WHERE f.digest = l.digest)
          OR EXISTS (SELECT FROM duetmind.recorded_object AS r WHERE r.digest = l.digest))
      RETURNING l.digest)
    SELECT digest, size_bytes FROM duetmind.loose_object
    WHERE digest = ANY(${digests}::text[]) AND digest NOT IN (SELECT digest FROM named)`.execute(
    db,
  );
  return rows.map(toLooseObject);
}

export async function forgetLooseObjects(db: Database, digests: readonly Digest[]): Promise<void> {
  await sql`DELETE FROM duetmind.loose_object WHERE digest = ANY(${digests}::text[])`.execute(db);
}

type LooseRow = Readonly<{ digest: Digest; size_bytes: number }>;

function toLooseObject({ digest, size_bytes: sizeBytes }: LooseRow): LooseObject {
  return { digest, sizeBytes };
}

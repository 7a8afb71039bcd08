import { sql } from "kysely";
import type { Database } from "../store/database.ts";

export type VersionedKind = "dataset" | "feature_view" | "model";

/**
 * Locks the version counter of a name until the transaction ends, so that two registrations at once
 * give two numbers. Look for what is already there after this, not before.
 */
export async function lockVersions(db: Database, kind: VersionedKind, name: string): Promise<void> {
  await sql`
    INSERT INTO duetmind.version_counter AS c (kind, name, last_version) VALUES (${kind}, ${name}, 0)
    ON CONFLICT (kind, name) DO UPDATE SET last_version = c.last_version`.execute(db);
}

/** The next number of a name, 1, 2, …; the counter must be locked. A number is never given twice, unless its name is forgotten. */
export async function nextVersion(
  db: Database,
  kind: VersionedKind,
  name: string,
): Promise<number> {
  const { last_version } = await db
    .updateTable("version_counter")
    .set((row) => ({ last_version: row("last_version", "+", 1) }))
    .where("kind", "=", kind)
    .where("name", "=", name)
    .returning("last_version")
    .executeTakeFirstOrThrow();
  return last_version;
}

/** Takes the counter of a name to another name; both must be locked. */
export async function renameVersions(
  db: Database,
  kind: VersionedKind,
  name: string,
  newName: string,
): Promise<void> {
  await forgetVersions(db, kind, newName);
  await db
    .updateTable("version_counter")
    .set({ name: newName })
    .where("kind", "=", kind)
    .where("name", "=", name)
    .execute();
}

/** The numbers of a name start again at 1: for a name whose every version is gone. */
export async function forgetVersions(
  db: Database,
  kind: VersionedKind,
  name: string,
): Promise<void> {
  await db
    .deleteFrom("version_counter")
    .where("kind", "=", kind)
    .where("name", "=", name)
    .execute();
}

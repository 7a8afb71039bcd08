import { sql } from "kysely";
import { DuetMindError } from "../core/errors.ts";
import type { Database } from "../store/database.ts";
import type { Entry } from "../tracking/log-batch.ts";
import {
  type FoundVersion,
  selectVersion,
  toFoundVersion,
  type VersionRow,
} from "./found-version.ts";
import type { ModelStatus } from "./model-queries.ts";

/** One version that is not deleted. */
export async function findRegistryVersion(
  db: Database,
  name: string,
  version: number,
): Promise<FoundVersion | undefined> {
  const { rows } = await sql<VersionRow>`
    SELECT ${selectVersion}
    FROM duetmind.model_version_detail AS v JOIN duetmind.model_registry AS m ON m.id = v.model_id
    WHERE m.name = ${name} AND v.version = ${version} AND v.status <> 'deleted'`.execute(db);
  return rows.map(toFoundVersion)[0];
}

/** The version with the highest number. */
export async function findLatestVersion(
  db: Database,
  name: string,
): Promise<FoundVersion | undefined> {
  const { rows } = await sql<VersionRow>`
    SELECT ${selectVersion}
    FROM duetmind.model_version_detail AS v JOIN duetmind.model_registry AS m ON m.id = v.model_id
    WHERE m.name = ${name} AND v.status <> 'deleted'
    ORDER BY v.version DESC LIMIT 1`.execute(db);
  return rows.map(toFoundVersion)[0];
}

export async function findVersionByAlias(
  db: Database,
  name: string,
  alias: string,
): Promise<FoundVersion | undefined> {
  const { rows } = await sql<VersionRow>`
    SELECT ${selectVersion}
    FROM duetmind.model_registry AS m
    JOIN duetmind.registered_model_aliases AS a ON a.model_id = m.id
    JOIN duetmind.model_version_detail AS v ON v.model_id = m.id AND v.version = a.version
    WHERE m.name = ${name} AND a.alias = ${alias} AND v.status <> 'deleted'`.execute(db);
  return rows.map(toFoundVersion)[0];
}

/**
 * The highest version of each stage of each model, by name; a model's stages in the order in which its
 * versions first had them.
 */
export async function readLatestVersions(
  db: Database,
  names: readonly string[],
): Promise<FoundVersion[]> {
  if (names.length === 0) return [];
  const { rows } = await sql<VersionRow>`
    SELECT ${selectVersion}
    FROM (SELECT d.model_id, max(d.version) AS latest, min(d.version) AS first
      FROM duetmind.model_version_detail AS d
      WHERE d.status <> 'deleted' AND d.model_id IN (
        SELECT id FROM duetmind.model_registry WHERE name = ANY (${names}::text[]))
      GROUP BY d.model_id, CASE d.status WHEN 'rejected' THEN 'draft' ELSE d.status END) AS s
    JOIN duetmind.model_version_detail AS v ON v.model_id = s.model_id AND v.version = s.latest
    JOIN duetmind.model_registry AS m ON m.id = v.model_id
    ORDER BY m.name, s.first`.execute(db);
  return rows.map(toFoundVersion);
}

/** A version whose row is locked until the transaction ends. */
export type LockedVersion = Readonly<{
  id: string;
  version: number;
  status: ModelStatus;
  description: string | null;
}>;

/** The model must be locked. */
export async function lockVersion(
  db: Database,
  model: Readonly<{ id: string; name: string }>,
  version: number,
  given: string,
): Promise<LockedVersion> {
  const row = await db
    .selectFrom("model_version_detail")
    .select(["id", "version", "status", "description"])
    .where("model_id", "=", model.id)
    .where("version", "=", version)
    .where("status", "<>", "deleted")
    .forUpdate()
    .executeTakeFirst();
  if (row === undefined) throw noVersion(model.name, given);
  return { ...row, status: row.status as ModelStatus };
}

export function noVersion(name: string, version: string): DuetMindError {
  return new DuetMindError(
    "NOT_FOUND",
    `Model Version (name=${name}, version=${version}) not found`,
  );
}

/**
 * Makes a version one that was deleted: aliases and tags go, and so does what it says of its source.
 * What it was trained from stays, for the lineage of others.
 */
export async function redactVersion(
  db: Database,
  version: LockedVersion,
  modelId: string,
  at: Date,
): Promise<void> {
  await db
    .deleteFrom("registered_model_aliases")
    .where("model_id", "=", modelId)
    .where("version", "=", version.version)
    .execute();
  await db.deleteFrom("model_version_tags").where("version_id", "=", version.id).execute();
  await db
    .updateTable("model_version_detail")
    .set({
      status: "deleted",
      updated_at: at,
      source: "",
      uri: "",
      artifact_checksums: "{}",
      mlflow_run_id: null,
      logged_model_id: null,
      run_link: null,
      description: null,
    })
    .where("id", "=", version.id)
    .execute();
}

/** Where the bytes of a version are. */
export async function findModelUri(
  db: Database,
  name: string,
  version: number,
): Promise<string | undefined> {
  const row = await db
    .selectFrom("model_version_detail as v")
    .innerJoin("model_registry as m", "m.id", "v.model_id")
    .select("v.uri")
    .where("m.name", "=", name)
    .where("v.version", "=", version)
    .where("v.status", "<>", "deleted")
    .executeTakeFirst();
  return row?.uri;
}

export async function setVersionTags(
  db: Database,
  versionId: string,
  tags: readonly Entry[],
): Promise<void> {
  if (tags.length === 0) return;
  await sql`
    INSERT INTO duetmind.model_version_tags (version_id, key, value)
    SELECT ${versionId}::uuid, * FROM unnest(${tags.map(({ key }) => key)}::text[],
      ${tags.map(({ value }) => value)}::text[])
    ON CONFLICT (version_id, key) DO UPDATE SET value = excluded.value`.execute(db);
}

/** Whether there was one. */
export async function deleteVersionTag(
  db: Database,
  versionId: string,
  key: string,
): Promise<boolean> {
  const { numDeletedRows } = await db
    .deleteFrom("model_version_tags")
    .where("version_id", "=", versionId)
    .where("key", "=", key)
    .executeTakeFirst();
  return numDeletedRows > 0n;
}

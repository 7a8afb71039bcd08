import { type RawBuilder, sql } from "kysely";
import type { Database } from "../store/database.ts";
import type { Entry } from "../tracking/log-batch.ts";
import type { ModelStatus } from "./model-queries.ts";

/** A version as the registry shows it: what it is called, where it came from, what points at it. */
export type RegistryVersion = Readonly<{
  name: string;
  version: number;
  status: ModelStatus;
  description: string | null;
  /** Where its bytes are, as the client said. */
  source: string;
  runId: string | null;
  runLink: string | null;
  createdAt: Date;
  updatedAt: Date;
  /** Sorted by key. */
  tags: readonly Entry[];
  aliases: readonly string[];
}>;

/** One version; undefined when there is none, or a deleted one. */
export async function findRegistryVersion(
  db: Database,
  name: string,
  version: number,
): Promise<RegistryVersion | undefined> {
  const rows = await readVersions(db, sql`m.name = ${name} AND v.version = ${version}`);
  return rows[0];
}

/** The version with the highest number. */
export async function findLatestVersion(
  db: Database,
  name: string,
): Promise<RegistryVersion | undefined> {
  const rows = await readVersions(
    db,
    sql`m.name = ${name} AND v.version = (SELECT max(l.version)
      FROM duetmind.model_version_detail AS l WHERE l.model_id = m.id AND l.status <> 'deleted')`,
  );
  return rows[0];
}

export async function findVersionByAlias(
  db: Database,
  name: string,
  alias: string,
): Promise<RegistryVersion | undefined> {
  const rows = await readVersions(
    db,
    sql`m.name = ${name} AND v.version = (SELECT a.version
      FROM duetmind.registered_model_aliases AS a WHERE a.model_id = m.id AND a.alias = ${alias})`,
  );
  return rows[0];
}

/**
 * The highest version of each stage of each model, the stages in the order in which a model's versions
 * first had them.
 */
export function readLatestVersions(
  db: Database,
  names: readonly string[],
): Promise<RegistryVersion[]> {
  return readVersions(
    db,
    sql`m.name = ANY (${names}::text[]) AND v.version = v.latest`,
    sql`(SELECT d.*,
        max(d.version) OVER stage AS latest, min(d.version) OVER stage AS first
      FROM duetmind.model_version_detail AS d
      WHERE d.status <> 'deleted' AND d.model_id IN (
        SELECT id FROM duetmind.model_registry WHERE name = ANY (${names}::text[]))
      WINDOW stage AS (PARTITION BY d.model_id,
        CASE d.status WHEN 'rejected' THEN 'draft' ELSE d.status END))`,
    sql`m.name, v.first`,
  );
}

type VersionRow = Readonly<{
  name: string;
  version: number;
  status: ModelStatus;
  description: string | null;
  source: string;
  mlflow_run_id: string | null;
  run_link: string | null;
  created_at: Date;
  updated_at: Date;
  tags: readonly Entry[];
  aliases: readonly string[];
}>;

type Part = RawBuilder<unknown>;

async function readVersions(
  db: Database,
  where: Part,
  from: Part = sql`duetmind.model_version_detail`,
  orderBy: Part = sql`m.name, v.version`,
): Promise<RegistryVersion[]> {
  const { rows } = await sql<VersionRow>`
    SELECT m.name, v.version, v.status, v.description, v.source, v.mlflow_run_id, v.run_link,
      v.created_at, v.updated_at,
      (SELECT coalesce(json_agg(json_build_object('key', t.key, 'value', t.value) ORDER BY t.key), '[]')
       FROM duetmind.model_version_tags AS t WHERE t.version_id = v.id) AS tags,
      (SELECT coalesce(json_agg(a.alias ORDER BY a.alias), '[]')
       FROM duetmind.registered_model_aliases AS a
       WHERE a.model_id = v.model_id AND a.version = v.version) AS aliases
    FROM ${from} AS v JOIN duetmind.model_registry AS m ON m.id = v.model_id
    WHERE v.status <> 'deleted' AND ${where} ORDER BY ${orderBy}`.execute(db);
  return rows.map(({ mlflow_run_id, run_link, created_at, updated_at, ...row }) => ({
    ...row,
    runId: mlflow_run_id,
    runLink: run_link,
    createdAt: created_at,
    updatedAt: updated_at,
  }));
}

import { sql } from "kysely";
import type { Sql } from "../search/condition.ts";
import type { Entry } from "../tracking/log-batch.ts";
import type { ModelStatus } from "./model-queries.ts";

/** A version of a registered model as searches find it. */
export type FoundVersion = Readonly<{
  name: string;
  version: number;
  status: ModelStatus;
  description: string | null;
  source: string;
  runId: string | null;
  runLink: string | null;
  loggedModelId: string | null;
  createdAt: Date;
  updatedAt: Date;
  createdBy: string;
  /** Sorted by key, and the aliases by name. */
  tags: readonly Entry[];
  aliases: readonly string[];
}>;

export type VersionRow = Readonly<{
  name: string;
  version: number;
  status: ModelStatus;
  description: string | null;
  source: string;
  mlflow_run_id: string | null;
  run_link: string | null;
  logged_model_id: string | null;
  created_at: Date;
  updated_at: Date;
  created_by: string;
  tags: readonly Entry[];
  aliases: readonly string[];
}>;

/** The columns of a VersionRow, of a version `v` of a model `m`. */
export const selectVersion: Sql = sql`m.name, v.version, v.status, v.description, v.source,
  v.mlflow_run_id, v.run_link, v.logged_model_id, v.created_at, v.updated_at, v.created_by,
  (SELECT coalesce(json_agg(json_build_object('key', t.key, 'value', t.value) ORDER BY t.key), '[]')
   FROM duetmind.model_version_tags AS t WHERE t.version_id = v.id) AS tags,
  ARRAY(SELECT a.alias FROM duetmind.registered_model_aliases AS a
   WHERE a.model_id = v.model_id AND a.version = v.version ORDER BY a.alias) AS aliases`;

export function toFoundVersion(row: VersionRow): FoundVersion {
  return {
    name: row.name,
    version: row.version,
    status: row.status,
    description: row.description,
    source: row.source,
    runId: row.mlflow_run_id,
    runLink: row.run_link,
    loggedModelId: row.logged_model_id,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    createdBy: row.created_by,
    tags: row.tags,
    aliases: row.aliases,
  };
}

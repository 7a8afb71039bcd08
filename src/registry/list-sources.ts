import { type RawBuilder, sql } from "kysely";
import {
  datasetsGrammar,
  featureViewsGrammar,
  modelsGrammar,
  stageRunsGrammar,
  versionsGrammar,
} from "../search/catalogue-grammars.ts";
import { asc, desc, text, time, whole } from "../search/list-columns.ts";
import type { ListSource } from "../search/list-page.ts";

/** RFC 3339 in UTC, to the millisecond. */
const iso = (column: RawBuilder<unknown>) =>
  sql`to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

export const DATASETS: ListSource = {
  grammar: datasetsGrammar,
  from: sql`duetmind.dataset_catalog AS d`,
  select: sql`d.name, d.version, d.kind, d.source_type, d.file_path, d.file_format, d.row_count,
    d.column_count, d.size_bytes, d.content_sha256, d.schema_hash, d.data_digest,
    ${iso(sql`d.created_at`)} AS created_at, d.created_by`,
  columns: {
    name: text(sql`d.name`),
    version: whole(sql`d.version`),
    kind: text(sql`d.kind`),
    source_type: text(sql`d.source_type`),
    file_format: text(sql`d.file_format`),
    row_count: whole(sql`d.row_count`),
    size_bytes: whole(sql`d.size_bytes`),
    content_sha256: text(sql`d.content_sha256`),
    created_at: time(sql`d.created_at`),
    created_by: text(sql`d.created_by`),
  },
  order: [asc("name"), desc("version")],
};

export const FEATURE_VIEWS: ListSource = {
  grammar: featureViewsGrammar,
  from: sql`duetmind.feature_view AS f`,
  select: sql`f.name, f.version, f.feature_hash, f.fit_hash, f.schema_hash,
    jsonb_array_length(f.feature_list) AS feature_count,
    ${iso(sql`f.created_at`)} AS created_at, f.created_by`,
  columns: {
    name: text(sql`f.name`),
    version: whole(sql`f.version`),
    feature_hash: text(sql`f.feature_hash`),
    fit_hash: text(sql`f.fit_hash`),
    created_at: time(sql`f.created_at`),
    created_by: text(sql`f.created_by`),
  },
  order: [asc("name"), desc("version")],
};

export const MODELS: ListSource = {
  grammar: modelsGrammar,
  from: sql`duetmind.model_registry AS m`,
  select: sql`m.name, m.description,
    (SELECT max(v.version) FROM duetmind.model_version_detail AS v
     WHERE v.model_id = m.id AND v.status <> 'deleted') AS latest_version,
    (SELECT count(*)::int FROM duetmind.model_version_detail AS v
     WHERE v.model_id = m.id AND v.status <> 'deleted') AS version_count,
    (SELECT coalesce(json_object_agg(a.alias, a.version ORDER BY a.alias), '{}')
     FROM duetmind.registered_model_aliases AS a WHERE a.model_id = m.id) AS aliases,
    ${iso(sql`m.created_at`)} AS created_at, ${iso(sql`m.updated_at`)} AS updated_at`,
  columns: {
    name: text(sql`m.name`),
    created_at: time(sql`m.created_at`),
    updated_at: time(sql`m.updated_at`),
  },
  order: [asc("name")],
};

export const VERSIONS: ListSource = {
  grammar: versionsGrammar,
  from: sql`duetmind.model_version_detail AS v
    JOIN duetmind.model_registry AS m ON m.id = v.model_id`,
  select: sql`m.name, v.version, v.status, v.status_reasons AS reasons, v.description,
    v.mlflow_run_id AS run_id, v.feature_hash, v.performance_metrics AS metrics,
    ${iso(sql`v.created_at`)} AS created_at, v.created_by`,
  where: sql`v.status <> 'deleted'`,
  columns: {
    name: text(sql`m.name`),
    version: whole(sql`v.version`),
    status: text(sql`v.status`),
    run_id: text(sql`coalesce(v.mlflow_run_id, '')`),
    feature_hash: text(sql`coalesce(v.feature_hash, '')`),
    created_at: time(sql`v.created_at`),
    created_by: text(sql`v.created_by`),
  },
  order: [asc("name"), desc("version")],
};

export const STAGE_RUNS: ListSource = {
  grammar: stageRunsGrammar,
  from: sql`duetmind.stage_record AS s`,
  select: sql`s.digest, s.stage, s.path, s.journal,
    ${iso(sql`s.registered_at`)} AS registered_at, s.registered_by`,
  columns: {
    digest: text(sql`s.digest`),
    stage: text(sql`s.stage`),
    path: text(sql`s.path`),
    registered_at: time(sql`s.registered_at`),
    registered_by: text(sql`s.registered_by`),
  },
  order: [desc("registered_at"), asc("digest")],
};

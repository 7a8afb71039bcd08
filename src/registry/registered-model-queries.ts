import { sql } from "kysely";
import { DuetMindError } from "../core/errors.ts";
import type { Database } from "../store/database.ts";
import type { Entry } from "../tracking/log-batch.ts";
import type { FoundVersion } from "./found-version.ts";
import { PROMPT_TAG } from "./prompts.ts";
import { readLatestVersions } from "./registry-version-queries.ts";

export type RegisteredModel = Readonly<{
  name: string;
  description: string | null;
  createdAt: Date;
  updatedAt: Date;
  /** Sorted by key. */
  tags: readonly Entry[];
  aliases: readonly Readonly<{ alias: string; version: number }>[];
  /** The highest version of each stage. */
  latestVersions: readonly FoundVersion[];
}>;

/** Whose row is locked until the transaction ends: every write to a model takes it first. */
export type LockedModel = Readonly<{ id: string; name: string; isPrompt: boolean }>;

export async function lockModel(db: Database, name: string): Promise<LockedModel> {
  const model = await findLockedModel(db, name);
  if (model === undefined) throw noModel(name);
  return model;
}

export async function findLockedModel(
  db: Database,
  name: string,
): Promise<LockedModel | undefined> {
  const { rows } = await sql<LockedModel>`
    SELECT m.id, m.name, EXISTS (SELECT FROM duetmind.registered_model_tags AS t
      WHERE t.model_id = m.id AND t.key = ${PROMPT_TAG} AND t.value = 'true') AS "isPrompt"
    FROM duetmind.model_registry AS m WHERE m.name = ${name} FOR UPDATE OF m`.execute(db);
  return rows[0];
}

export function noModel(name: string): DuetMindError {
  return new DuetMindError("NOT_FOUND", `Registered Model with name=${name} not found`);
}

/** False when the name is taken. */
export async function insertModel(
  db: Database,
  model: Readonly<{ id: string; name: string; description: string | null; at: Date }>,
): Promise<boolean> {
  const { id, name, description, at } = model;
  const inserted = await db
    .insertInto("model_registry")
    .values({ id, name, description, created_at: at, updated_at: at })
    .onConflict((conflict) => conflict.column("name").doNothing())
    .returning("id")
    .executeTakeFirst();
  return inserted !== undefined;
}

/** The model of this name. */
export async function findRegisteredModel(
  db: Database,
  name: string,
): Promise<RegisteredModel | undefined> {
  const { rows } = await sql<ModelRow>`
    SELECT ${selectModel} FROM duetmind.model_registry AS m WHERE m.name = ${name}`.execute(db);
  return (await toRegisteredModels(db, rows))[0];
}

export type ModelRow = Readonly<{
  name: string;
  description: string | null;
  created_at: Date;
  updated_at: Date;
  tags: RegisteredModel["tags"];
  aliases: RegisteredModel["aliases"];
}>;

/** The columns of a ModelRow, of a model `m`. */
export const selectModel = sql`m.name, m.description, m.created_at, m.updated_at,
  (SELECT coalesce(json_agg(json_build_object('key', t.key, 'value', t.value) ORDER BY t.key), '[]')
   FROM duetmind.registered_model_tags AS t WHERE t.model_id = m.id) AS tags,
  (SELECT coalesce(
     json_agg(json_build_object('alias', a.alias, 'version', a.version) ORDER BY a.alias), '[]')
   FROM duetmind.registered_model_aliases AS a WHERE a.model_id = m.id) AS aliases`;

/** Models with their latest versions: one query, whatever their number. */
export async function toRegisteredModels(
  db: Database,
  rows: readonly ModelRow[],
): Promise<RegisteredModel[]> {
  const latest = new Map<string, FoundVersion[]>(rows.map(({ name }) => [name, []]));
  const versions = await readLatestVersions(
    db,
    rows.map(({ name }) => name),
  );
  for (const version of versions) latest.get(version.name)?.push(version);
  return rows.map((row) => ({
    name: row.name,
    description: row.description,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    tags: row.tags,
    aliases: row.aliases,
    latestVersions: latest.get(row.name) ?? [],
  }));
}

export async function setModelTags(
  db: Database,
  modelId: string,
  tags: readonly Entry[],
): Promise<void> {
  if (tags.length === 0) return;
  await sql`
    INSERT INTO duetmind.registered_model_tags (model_id, key, value)
    SELECT ${modelId}::uuid, * FROM unnest(${tags.map(({ key }) => key)}::text[],
      ${tags.map(({ value }) => value)}::text[])
    ON CONFLICT (model_id, key) DO UPDATE SET value = excluded.value`.execute(db);
}

/** Whether there was one. */
export async function deleteModelTag(db: Database, modelId: string, key: string): Promise<boolean> {
  const { numDeletedRows } = await db
    .deleteFrom("registered_model_tags")
    .where("model_id", "=", modelId)
    .where("key", "=", key)
    .executeTakeFirst();
  return numDeletedRows > 0n;
}

export async function touchModel(db: Database, modelId: string, at: Date): Promise<void> {
  await db
    .updateTable("model_registry")
    .set({ updated_at: at })
    .where("id", "=", modelId)
    .execute();
}

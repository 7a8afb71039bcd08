import { appendAudit } from "../audit/append-audit.ts";
import type { Clock } from "../core/clock.ts";
import { DuetMindError } from "../core/errors.ts";
import { uuidV7 } from "../core/ids.ts";
import type { Database, OpenedDatabase } from "../store/database.ts";
import { IMPORTED_FROM } from "../tracking/import-marks.ts";
import type { Entry } from "../tracking/log-batch.ts";
import { toJsonColumn } from "./json-column.ts";
import { insertModel, lockModel, setModelTags } from "./registered-model-queries.ts";
import { assertModelName } from "./registry-limits.ts";
import { setVersionTags } from "./registry-version-queries.ts";
import { resolveSource } from "./resolve-source.ts";
import { type Stage, statusOf } from "./stages.ts";
import { lockVersions } from "./version-counter.ts";
import { contentOfFolder } from "./version-source-queries.ts";

/** A registered model of another server. */
export type ForeignModel = Readonly<{
  name: string;
  description: string | null;
  createdAt: Date;
  updatedAt: Date;
  tags: readonly Entry[];
  aliases: readonly Readonly<{ alias: string; version: number }>[];
}>;

/** A version of another server: its number stays. */
export type ForeignVersion = Readonly<{
  name: string;
  version: number;
  source: string;
  runId: string | null;
  runLink: string | null;
  loggedModelId: string | null;
  description: string | null;
  stage: Stage;
  createdAt: Date;
  updatedAt: Date;
  tags: readonly Entry[];
}>;

/** Takes registered models of another server, each step of which may be done again. */
export type ModelImport = Readonly<{
  begin(model: ForeignModel, origin: string, actor: string): Promise<void>;
  /** One that came before stays as it is; another with its number is a conflict. */
  addVersion(version: ForeignVersion, origin: string, actor: string): Promise<void>;
  /** Points the aliases where they point there. */
  finish(model: ForeignModel): Promise<void>;
}>;

export function createModelImport(database: OpenedDatabase, clock: Clock): ModelImport {
  return {
    async begin(model, origin, actor) {
      const { name, description, createdAt, tags } = model;
      assertModelName(name);
      await database.transaction(async (db) => {
        const isNew = await insertModel(db, {
          id: uuidV7(clock),
          name,
          description,
          at: createdAt,
        });
        const { id } = await lockModel(db, name);
        await setModelTags(db, id, [...tags, { key: IMPORTED_FROM, value: origin }]);
        if (!isNew) return;
        const object = { object_type: "registered_model", object_id: name };
        const after = { imported_from: origin };
        await appendAudit(
          db,
          { actor, action: "registered_model.create", ...object, after },
          clock,
        );
      });
    },
    addVersion: (version, origin, actor) =>
      database.transaction(async (db) => {
        const { name, version: number } = version;
        await lockVersions(db, "model", name);
        const model = await lockModel(db, name);
        if (await isHere(db, model.id, version, origin)) return;
        await insertVersion(db, model.id, version, origin, actor, clock);
        await db
          .updateTable("version_counter")
          .set({ last_version: number })
          .where("kind", "=", "model")
          .where("name", "=", name)
          .where("last_version", "<", number)
          .execute();
        const object = { object_type: "model_version", object_id: name };
        const after = { source: version.source, run_id: version.runId, imported_from: origin };
        await appendAudit(
          db,
          {
            actor,
            action: "model_version.create",
            ...object,
            object_version: String(number),
            after,
          },
          clock,
        );
      }),
    finish: (model) =>
      database.transaction(async (db) => {
        const { id } = await lockModel(db, model.name);
        for (const { alias, version } of model.aliases) {
          await db
            .insertInto("registered_model_aliases")
            .values({ model_id: id, alias, version })
            .onConflict((conflict) =>
              conflict.columns(["model_id", "alias"]).doUpdateSet({ version }),
            )
            .execute();
        }
        await db
          .updateTable("model_registry")
          .set({ updated_at: model.updatedAt })
          .where("id", "=", id)
          .execute();
      }),
  };
}

async function isHere(
  db: Database,
  modelId: string,
  { name, version }: ForeignVersion,
  origin: string,
): Promise<boolean> {
  const known = await db
    .selectFrom("model_version_detail as v")
    .leftJoin("model_version_tags as t", (join) =>
      join.onRef("t.version_id", "=", "v.id").on("t.key", "=", IMPORTED_FROM),
    )
    .select(["v.status", "t.value as from"])
    .where("v.model_id", "=", modelId)
    .where("v.version", "=", version)
    .executeTakeFirst();
  if (known === undefined) return false;
  if (known.from === origin) return true;
  throw new DuetMindError(
    "CONFLICT",
    `model ${name}: version ${version}: expected none, or one imported from ${origin}, got another one`,
    { hint: "rename one of the two models" },
  );
}

async function insertVersion(
  db: Database,
  modelId: string,
  version: ForeignVersion,
  origin: string,
  actor: string,
  clock: Clock,
): Promise<void> {
  const uri = await uriOf(db, version);
  const content = await contentOfFolder(db, uri);
  const id = uuidV7(clock);
  await db
    .insertInto("model_version_detail")
    .values({
      id,
      model_id: modelId,
      version: version.version,
      mlflow_run_id: version.runId,
      logged_model_id: version.loggedModelId,
      source: version.source,
      uri,
      run_link: version.runLink,
      description: version.description,
      artifact_checksums: toJsonColumn(content.artifactChecksums),
      status: statusOf(version.stage),
      created_at: version.createdAt,
      created_by: actor,
      updated_at: version.updatedAt,
    })
    .execute();
  await setVersionTags(db, id, [...version.tags, { key: IMPORTED_FROM, value: origin }]);
}

/** Where the bytes of a version are; a source that leads nowhere here is kept as it is. */
async function uriOf(db: Database, version: ForeignVersion): Promise<string> {
  const model =
    version.loggedModelId === null
      ? undefined
      : await db
          .selectFrom("logged_models")
          .select(["model_id as modelId", "artifact_uri as artifactUri"])
          .where("model_id", "=", version.loggedModelId)
          .executeTakeFirst();
  try {
    const origins = { runId: version.runId ?? undefined, loggedModel: model };
    return await resolveSource(db, version.source, origins);
  } catch (error) {
    if (error instanceof DuetMindError) return version.source;
    throw error;
  }
}

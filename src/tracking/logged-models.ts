import { appendAudit } from "../audit/append-audit.ts";
import type { Clock } from "../core/clock.ts";
import { DuetMindError } from "../core/errors.ts";
import { uuidV7 } from "../core/ids.ts";
import type { Page } from "../search/read-page.ts";
import type { Database, OpenedDatabase } from "../store/database.ts";
import { activeExperimentId, toExperimentId } from "./experiments.ts";
import { lastOfEachKey } from "./last-of-each-key.ts";
import { MAX_KEY } from "./limits.ts";
import type { Entry } from "./log-batch.ts";
import {
  assertLoggedModel,
  assertStored,
  toStoredParams,
  toStoredTags,
} from "./logged-model-limits.ts";
import {
  findLoggedModel,
  insertLoggedModel,
  insertLoggedModelParams,
  type LoggedModel,
  lockLoggedModel,
  noLoggedModel,
  PENDING,
  setLoggedModelTags,
} from "./logged-model-queries.ts";
import { generateRunName } from "./run-name.ts";
import { type LoggedModelSearch, searchLoggedModels } from "./search-logged-models-queries.ts";

export const LOGGED_MODEL_STATUSES = ["pending", "ready", "upload_failed"] as const;
export type LoggedModelStatus = (typeof LOGGED_MODEL_STATUSES)[number];

export type NewLoggedModel = Readonly<{
  experimentId: string;
  /** Made up when there is none. */
  name: string | undefined;
  modelType: string | undefined;
  sourceRunId: string | undefined;
  params: readonly Entry[];
  tags: readonly Entry[];
}>;

/** Models as runs log them, registered or not, with MLflow's rules (reference: mlflow.md, section 1). */
export type LoggedModelService = Readonly<{
  /** A pending one: its files are still to come. */
  create(model: NewLoggedModel, actor: string): Promise<LoggedModel>;
  get(modelId: string, withDeleted: boolean): Promise<LoggedModel>;
  search(
    experimentIds: readonly string[],
    search: Omit<LoggedModelSearch, "experimentIds">,
  ): Promise<Page<LoggedModel>>;
  /** Any status may follow any other, of a deleted model too. */
  setStatus(modelId: string, status: LoggedModelStatus): Promise<LoggedModel>;
  /** Softly; a second time is no failure. */
  delete(modelId: string, actor: string): Promise<void>;
  /** Params are written once: a key that is there is refused, even with the same value. */
  logParams(modelId: string, params: readonly Entry[]): Promise<void>;
  setTags(modelId: string, tags: readonly Entry[]): Promise<void>;
  deleteTag(modelId: string, key: string): Promise<void>;
}>;

export function createLoggedModels(database: OpenedDatabase, clock: Clock): LoggedModelService {
  const { kysely } = database;

  async function audit(db: Database, action: string, modelId: string, actor: string) {
    const object = { object_type: "logged_model", object_id: modelId };
    await appendAudit(db, { actor, action: `logged_model.${action}`, ...object }, clock);
  }

  return {
    async create(given, actor) {
      const name = given.name || generateRunName();
      const modelType = given.modelType ?? "";
      const sourceRunId = given.sourceRunId ?? "";
      assertLoggedModel({ name, modelType, sourceRunId });
      const params = toStoredParams(given.params);
      const tags = toStoredTags(given.tags);
      assertDistinct(params, "param");
      assertDistinct(tags, "tag");
      const modelId = `m-${uuidV7(clock).replaceAll("-", "")}`;
      return database.transaction(async (db) => {
        const experimentId = await activeExperimentId(db, given.experimentId);
        const row = { modelId, experimentId, name, modelType, sourceRunId };
        await insertLoggedModel(db, { ...row, status: PENDING, at: clock.now() });
        await insertLoggedModelParams(db, modelId, params);
        await setLoggedModelTags(db, modelId, tags);
        await audit(db, "create", modelId, actor);
        return (await findLoggedModel(db, modelId))!;
      });
    },
    async get(modelId, withDeleted) {
      const found = await findLoggedModel(kysely, modelId, withDeleted);
      if (found === undefined) throw noLoggedModel(modelId);
      return found;
    },
    search: async (experimentIds, search) =>
      searchLoggedModels(kysely, { ...search, experimentIds: experimentIds.map(toExperimentId) }),
    setStatus: (modelId, status) =>
      database.transaction(async (db) => {
        await lockLoggedModel(db, modelId, true);
        await db
          .updateTable("logged_models")
          .set({ status: LOGGED_MODEL_STATUSES.indexOf(status) + 1, updated_at: clock.now() })
          .where("model_id", "=", modelId)
          .execute();
        return (await findLoggedModel(db, modelId, true))!;
      }),
    delete: (modelId, actor) =>
      database.transaction(async (db) => {
        await lockLoggedModel(db, modelId, true);
        const now = clock.now();
        const deleted = await db
          .updateTable("logged_models")
          .set({ lifecycle_stage: "deleted", deleted_at: now, updated_at: now })
          .where("model_id", "=", modelId)
          .where("lifecycle_stage", "=", "active")
          .executeTakeFirst();
        if (deleted.numUpdatedRows > 0n) await audit(db, "delete", modelId, actor);
      }),
    async logParams(modelId, given) {
      const params = toStoredParams(given);
      assertDistinct(params, "param");
      await database.transaction(async (db) => {
        await lockLoggedModel(db, modelId, false);
        const written = new Set(await insertLoggedModelParams(db, modelId, params));
        const known = params.find(({ key }) => !written.has(key));
        if (known !== undefined) throw twice(`param '${known.key}' of logged model '${modelId}'`);
      });
    },
    async setTags(modelId, given) {
      const tags = toStoredTags(lastOfEachKey(given));
      await database.transaction(async (db) => {
        await lockLoggedModel(db, modelId, true);
        await setLoggedModelTags(db, modelId, tags);
      });
    },
    async deleteTag(modelId, key) {
      assertStored(key, MAX_KEY, "Key");
      await database.transaction(async (db) => {
        await lockLoggedModel(db, modelId, true);
        const { numDeletedRows } = await db
          .deleteFrom("logged_model_tags")
          .where("model_id", "=", modelId)
          .where("key", "=", key)
          .executeTakeFirst();
        if (numDeletedRows > 0n) return;
        throw new DuetMindError(
          "NOT_FOUND",
          `No tag with key '${key}' found for model with ID '${modelId}'.`,
        );
      });
    },
  };
}

function assertDistinct(entries: readonly Entry[], what: string): void {
  const seen = new Set<string>();
  for (const { key } of entries) {
    if (seen.has(key)) throw twice(`${what} '${key}'`);
    seen.add(key);
  }
}

function twice(what: string): DuetMindError {
  return new DuetMindError("INTEGRITY_VIOLATED", `${what}: expected it once, got it again`);
}

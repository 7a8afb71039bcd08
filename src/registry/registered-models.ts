import { type AuditEntry, appendAudit } from "../audit/append-audit.ts";
import type { Clock } from "../core/clock.ts";
import { DuetMindError } from "../core/errors.ts";
import { uuidV7 } from "../core/ids.ts";
import type { Page } from "../search/read-page.ts";
import type { Database, OpenedDatabase } from "../store/database.ts";
import { lastOfEachKey } from "../tracking/last-of-each-key.ts";
import { assertKey } from "../tracking/limits.ts";
import type { Entry } from "../tracking/log-batch.ts";
import { type Item, readModelItem } from "./catalogue.ts";
import { PROMPT_TAG, tagsOfUsers } from "./prompts.ts";
import {
  deleteModelTag,
  findRegisteredModel,
  insertModel,
  lockModel,
  noModel,
  type RegisteredModel,
  setModelTags,
} from "./registered-model-queries.ts";
import { tellRegistryChange } from "./registry-event.ts";
import { assertModelName, assertPlainText, assertRegistryTag } from "./registry-limits.ts";
import { type RegistrySearch, searchModels } from "./search-models-queries.ts";
import { forgetVersions, lockVersions, renameVersions } from "./version-counter.ts";

export type NewRegisteredModel = Readonly<{
  name: string;
  description?: string | undefined;
  tags?: readonly Entry[];
}>;

/** Registered models with MLflow's rules (reference: mlflow.md, sections 1, 6 and 8). */
export type RegisteredModelService = Readonly<{
  create(model: NewRegisteredModel, actor: string): Promise<RegisteredModel>;
  get(name: string): Promise<RegisteredModel>;
  search(search: RegistrySearch): Promise<Page<RegisteredModel>>;
  rename(name: string, newName: string, actor: string): Promise<RegisteredModel>;
  /** Without a description the known one goes. `check` may refuse what the model is until then. */
  describe(
    name: string,
    description: string | undefined,
    actor: string,
    check?: (current: Item) => void,
  ): Promise<RegisteredModel>;
  /** For good, with all its versions; the numbers of a new model of this name start again at 1. */
  delete(name: string, actor: string): Promise<void>;
  setTag(name: string, tag: Entry, actor: string): Promise<void>;
  deleteTag(name: string, key: string, actor: string): Promise<void>;
}>;

type Change = Pick<AuditEntry, "actor" | "before" | "after">;

export function createRegisteredModels(
  database: OpenedDatabase,
  clock: Clock,
): RegisteredModelService {
  const { kysely } = database;

  async function audit(db: Database, action: string, name: string, change: Change) {
    const object = { object_type: "registered_model", object_id: name };
    await appendAudit(db, { ...change, ...object, action: `registered_model.${action}` }, clock);
  }

  async function read(db: Database, name: string): Promise<RegisteredModel> {
    const model = await findRegisteredModel(db, name);
    if (model === undefined) throw noModel(name);
    return model;
  }

  return {
    async create({ name, description, tags = [] }, actor) {
      assertModelName(name);
      assertDescription(description);
      const last = lastOfEachKey(tags);
      for (const tag of last) assertRegistryTag(tag);
      const isPrompt = last.some(({ key, value }) => key === PROMPT_TAG && value === "true");
      return database.transaction(async (db) => {
        const id = uuidV7(clock);
        const row = { id, name, description: description ?? null, at: clock.now() };
        if (!(await insertModel(db, row))) throw await nameIsTaken(db, name, isPrompt);
        await setModelTags(db, id, last);
        const data = { name, tags: toObject(last), description: description ?? null };
        await audit(db, "create", name, { actor, after: data });
        const shown = isPrompt ? { ...data, tags: tagsOfUsers(last) } : data;
        const event = { change: "registered_model.created", isPrompt, data: shown } as const;
        await tellRegistryChange(db, event, actor, clock);
        return read(db, name);
      });
    },
    async get(name) {
      assertModelName(name);
      return read(kysely, name);
    },
    search: (search) => searchModels(kysely, search),
    async rename(name, newName, actor) {
      assertModelName(name);
      assertModelName(newName);
      return database.transaction(async (db) => {
        for (const each of [name, newName].sort()) await lockVersions(db, "model", each);
        const model = await lockModel(db, name);
        if (name === newName) return read(db, name);
        const taken = await findRegisteredModel(db, newName);
        if (taken !== undefined) throw await nameIsTaken(db, newName, model.isPrompt);
        await db
          .updateTable("model_registry")
          .set({ name: newName, updated_at: clock.now() })
          .where("id", "=", model.id)
          .execute();
        await renameVersions(db, "model", name, newName);
        await audit(db, "rename", newName, { actor, before: { name }, after: { name: newName } });
        const data = { name: newName, previous_name: name };
        const event = {
          change: "registered_model.renamed",
          isPrompt: model.isPrompt,
          data,
        } as const;
        await tellRegistryChange(db, event, actor, clock);
        return read(db, newName);
      });
    },
    async describe(name, description, actor, check) {
      assertModelName(name);
      assertDescription(description);
      return database.transaction(async (db) => {
        const { id } = await lockModel(db, name);
        check?.(await readModelItem(db, name)); // behind the lock: of two writers one is refused
        const before = await read(db, name);
        await db
          .updateTable("model_registry")
          .set({ description: description ?? null, updated_at: clock.now() })
          .where("id", "=", id)
          .execute();
        await audit(db, "update", name, {
          actor,
          before: { description: before.description },
          after: { description: description ?? null },
        });
        return read(db, name);
      });
    },
    async delete(name, actor) {
      assertModelName(name);
      await database.transaction(async (db) => {
        await lockVersions(db, "model", name);
        const model = await lockModel(db, name);
        await db.deleteFrom("model_registry").where("id", "=", model.id).execute();
        await forgetVersions(db, "model", name);
        await audit(db, "delete", name, { actor });
        const event = {
          change: "registered_model.deleted",
          isPrompt: model.isPrompt,
          data: { name },
        } as const;
        await tellRegistryChange(db, event, actor, clock);
      });
    },
    async setTag(name, tag, actor) {
      assertModelName(name);
      assertRegistryTag(tag);
      await database.transaction(async (db) => {
        const { id, isPrompt } = await lockModel(db, name);
        await setModelTags(db, id, [tag]);
        await audit(db, "set_tag", name, { actor, after: tag });
        if (!isPrompt) return;
        const data = { name, key: tag.key, value: tag.value };
        await tellRegistryChange(db, { change: "prompt_tag.set", isPrompt, data }, actor, clock);
      });
    },
    async deleteTag(name, key, actor) {
      assertModelName(name);
      assertKey(key, "key");
      await database.transaction(async (db) => {
        const { id, isPrompt } = await lockModel(db, name);
        if (!(await deleteModelTag(db, id, key))) return;
        await audit(db, "delete_tag", name, { actor, before: { key } });
        if (!isPrompt) return;
        const event = { change: "prompt_tag.deleted", isPrompt, data: { name, key } } as const;
        await tellRegistryChange(db, event, actor, clock);
      });
    },
  };
}

function assertDescription(description: string | undefined): void {
  if (description !== undefined)
    assertPlainText(description, Number.MAX_SAFE_INTEGER, "Description");
}

function toObject(tags: readonly Entry[]): Record<string, string> {
  return Object.fromEntries(tags.map(({ key, value }) => [key, value]));
}

/** Prompts and models share their names; which of them has it is said when it is the other kind. */
async function nameIsTaken(db: Database, name: string, asPrompt: boolean): Promise<DuetMindError> {
  const known = await findRegisteredModel(db, name);
  const isPrompt = known?.tags.some(({ key, value }) => key === PROMPT_TAG && value === "true");
  return new DuetMindError(
    "ALREADY_EXISTS",
    isPrompt === asPrompt || known === undefined
      ? `Registered Model (name=${name}) already exists.`
      : `Registered Model (name=${name}) already exists: the name is taken by a registered ${asPrompt ? "model, and a prompt" : "prompt, and a model"} cannot share it.`,
  );
}

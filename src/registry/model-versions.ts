import { type AuditEntry, appendAudit } from "../audit/append-audit.ts";
import type { Clock } from "../core/clock.ts";
import type { Page } from "../search/read-page.ts";
import type { Database, OpenedDatabase } from "../store/database.ts";
import { lastOfEachKey } from "../tracking/last-of-each-key.ts";
import { assertKey } from "../tracking/limits.ts";
import type { Entry } from "../tracking/log-batch.ts";
import { assertNewVersion, createVersion, type NewVersion } from "./create-version.ts";
import type { FoundVersion } from "./found-version.ts";
import { moveToStage } from "./move-to-stage.ts";
import { tagsOfUsers, templateOf } from "./prompts.ts";
import {
  findLockedModel,
  findRegisteredModel,
  type LockedModel,
  noModel,
  touchModel,
} from "./registered-model-queries.ts";
import { tellRegistryChange } from "./registry-event.ts";
import {
  assertModelName,
  assertPlainText,
  assertRegistryTag,
  toVersionNumber,
} from "./registry-limits.ts";
import {
  deleteVersionTag,
  findModelUri,
  findRegistryVersion,
  type LockedVersion,
  lockVersion,
  noVersion,
  redactVersion,
  setVersionTags,
} from "./registry-version-queries.ts";
import type { RegistrySearch } from "./search-models-queries.ts";
import { searchVersions } from "./search-versions-queries.ts";
import { parseStage, stageOf } from "./stages.ts";
import { invalidSource } from "./version-source.ts";

/** A version by its model's name and its number, as a client writes it. */
export type VersionKey = Readonly<{ name: string; version: string }>;

/** Versions of registered models with MLflow's rules (reference: mlflow.md, sections 1, 8, 9, 11). */
export type ModelVersionService = Readonly<{
  create(version: NewVersion, actor: string): Promise<FoundVersion>;
  get(key: VersionKey): Promise<FoundVersion>;
  search(search: RegistrySearch): Promise<Page<FoundVersion>>;
  /** The highest version of each of these stages; of every stage when none is named. */
  latest(name: string, stages: readonly string[]): Promise<readonly FoundVersion[]>;
  /** Without a description the known one goes. */
  describe(key: VersionKey, description: string | undefined, actor: string): Promise<FoundVersion>;
  /** Moves a version to a stage and, when asked to, every other version of it to Archived. */
  transition(
    key: VersionKey,
    stage: string,
    archiveOthers: boolean,
    actor: string,
  ): Promise<FoundVersion>;
  /** Its number is not used again, and what it says of its source goes. */
  delete(key: VersionKey, actor: string): Promise<void>;
  /** Where its bytes are. */
  downloadUri(key: VersionKey): Promise<string>;
  setTag(key: VersionKey, tag: Entry, actor: string): Promise<void>;
  deleteTag(key: VersionKey, tagKey: string, actor: string): Promise<void>;
}>;

export function createModelVersions(
  database: OpenedDatabase,
  clock: Clock,
  allowedSources?: RegExp,
): ModelVersionService {
  const { kysely } = database;

  async function audit(
    db: Database,
    action: string,
    { name, version }: VersionKey,
    change: Change,
  ) {
    const object = { object_type: "model_version", object_id: name, object_version: version };
    await appendAudit(db, { ...change, ...object, action: `model_version.${action}` }, clock);
  }

  async function read(db: Database, { name, version }: VersionKey): Promise<FoundVersion> {
    const found = await findRegistryVersion(db, name, toVersionNumber(version));
    if (found === undefined) throw noVersion(name, version);
    return found;
  }

  /** Changes a version while its model and itself are locked. */
  async function change<T>(
    given: VersionKey,
    act: (db: Database, model: LockedModel, version: LockedVersion, key: VersionKey) => Promise<T>,
  ): Promise<T> {
    assertModelName(given.name);
    const number = toVersionNumber(given.version);
    return database.transaction(async (db) => {
      const model = await findLockedModel(db, given.name);
      if (model === undefined) throw noVersion(given.name, given.version);
      const version = await lockVersion(db, model, number, given.version);
      return act(db, model, version, { name: model.name, version: String(version.version) });
    });
  }

  return {
    async create(given, actor) {
      if (allowedSources?.test(given.source) === false) {
        throw invalidSource(given.source, `Expected one that ${allowedSources} finds.`);
      }
      const version = { ...given, tags: lastOfEachKey(given.tags) };
      assertNewVersion(version);
      return database.transaction(async (db) => {
        const made = await createVersion(db, version, actor, clock);
        const { name, source, tags, description } = version;
        const key = { name, version: String(made.version) };
        await audit(db, "create", key, { actor, after: { source, run_id: made.runId } });
        const { isPrompt } = made;
        const shown = isPrompt
          ? { template: templateOf(tags), tags: tagsOfUsers(tags) }
          : {
              ...{ source, run_id: made.runId },
              tags: Object.fromEntries(tags.map(({ key, value }) => [key, value])),
            };
        const data = { ...key, ...shown, description: description || null };
        const event = { change: "model_version.created", isPrompt, data } as const;
        await tellRegistryChange(db, event, actor, clock);
        return read(db, key);
      });
    },
    async get(key) {
      assertModelName(key.name);
      return read(kysely, key);
    },
    search: (search) => searchVersions(kysely, search),
    async latest(name, stages) {
      assertModelName(name);
      const wanted = new Set(stages.map(parseStage));
      const model = await findRegisteredModel(kysely, name);
      if (model === undefined) throw noModel(name);
      return model.latestVersions.filter(
        ({ status }) => wanted.size === 0 || wanted.has(stageOf(status)),
      );
    },
    async describe(given, description, actor) {
      assertPlainText(description ?? "", Number.MAX_SAFE_INTEGER, "Description");
      return change(given, async (db, _model, version, key) => {
        await db
          .updateTable("model_version_detail")
          .set({ description: description ?? null, updated_at: clock.now() })
          .where("id", "=", version.id)
          .execute();
        await audit(db, "update", key, {
          actor,
          before: { description: version.description },
          after: { description: description ?? null },
        });
        return read(db, key);
      });
    },
    async transition(given, wanted, archiveOthers, actor) {
      const stage = parseStage(wanted);
      return change(given, async (db, model, version, key) => {
        await moveToStage(db, { model, version, stage, archiveOthers }, actor, clock);
        return read(db, key);
      });
    },
    async delete(given, actor) {
      await change(given, async (db, model, version, key) => {
        const now = clock.now();
        const before = await read(db, key);
        await redactVersion(db, version, model.id, now);
        await touchModel(db, model.id, now);
        const { status, source, runId, aliases } = before;
        await audit(db, "delete", key, {
          actor,
          before: { status, source, run_id: runId, aliases },
        });
        const event = {
          change: "model_version.deleted",
          isPrompt: model.isPrompt,
          data: key,
        } as const;
        await tellRegistryChange(db, event, actor, clock);
      });
    },
    async downloadUri({ name, version }) {
      assertModelName(name);
      const uri = await findModelUri(kysely, name, toVersionNumber(version));
      if (uri === undefined) throw noVersion(name, version);
      return uri;
    },
    async setTag(given, tag, actor) {
      assertRegistryTag(tag);
      await change(given, async (db, model, version, key) => {
        await setVersionTags(db, version.id, [tag]);
        await audit(db, "set_tag", key, { actor, after: tag });
        const data = { ...key, key: tag.key, value: tag.value };
        const event = { change: "model_version_tag.set", isPrompt: model.isPrompt, data } as const;
        await tellRegistryChange(db, event, actor, clock);
      });
    },
    async deleteTag(given, tagKey, actor) {
      assertKey(tagKey, "key");
      await change(given, async (db, model, version, key) => {
        if (!(await deleteVersionTag(db, version.id, tagKey))) return;
        await audit(db, "delete_tag", key, { actor, before: { key: tagKey } });
        const data = { ...key, key: tagKey };
        const event = {
          change: "model_version_tag.deleted",
          isPrompt: model.isPrompt,
          data,
        } as const;
        await tellRegistryChange(db, event, actor, clock);
      });
    },
  };
}

type Change = Pick<AuditEntry, "actor" | "before" | "after">;

import { appendAudit } from "../audit/append-audit.ts";
import type { Clock } from "../core/clock.ts";
import { DuetMindError } from "../core/errors.ts";
import type { OpenedDatabase } from "../store/database.ts";
import type { FoundVersion } from "./found-version.ts";
import { findLockedModel, findRegisteredModel, lockModel } from "./registered-model-queries.ts";
import { tellRegistryChange } from "./registry-event.ts";
import {
  assertAlias,
  assertFreeAlias,
  assertModelName,
  isLatest,
  toVersionNumber,
} from "./registry-limits.ts";
import {
  findLatestVersion,
  findVersionByAlias,
  lockVersion,
  noVersion,
} from "./registry-version-queries.ts";

/** Names that point at one version of a model, such as `champion` (reference: mlflow.md, sections 1, 6). */
export type ModelAliasService = Readonly<{
  /** Points an alias at a version, wherever it pointed before. */
  set(name: string, alias: string, version: string, actor: string): Promise<void>;
  /** The version it points at; `latest` is the highest. */
  resolve(name: string, alias: string): Promise<FoundVersion>;
  /** An alias that is not there is no failure. */
  delete(name: string, alias: string, actor: string): Promise<void>;
}>;

export function createModelAliases(database: OpenedDatabase, clock: Clock): ModelAliasService {
  const { kysely } = database;
  return {
    async set(name, alias, given, actor) {
      assertModelName(name);
      assertFreeAlias(alias);
      const number = toVersionNumber(given);
      await database.transaction(async (db) => {
        const model = await findLockedModel(db, name);
        if (model === undefined) throw noVersion(name, given);
        const { version } = await lockVersion(db, model, number, given);
        const before = await db
          .selectFrom("registered_model_aliases")
          .select(["alias", "version"])
          .where("model_id", "=", model.id)
          .where("alias", "=", alias)
          .executeTakeFirst();
        await db
          .insertInto("registered_model_aliases")
          .values({ model_id: model.id, alias, version })
          .onConflict((conflict) =>
            conflict.columns(["model_id", "alias"]).doUpdateSet({ version }),
          )
          .execute();
        const change = { before, after: { alias, version } };
        await appendAudit(db, { ...auditOf("set_alias", name, actor), ...change }, clock);
        const event = {
          change: "model_version_alias.created",
          isPrompt: model.isPrompt,
          data: { name, alias, version: String(version) },
        } as const;
        await tellRegistryChange(db, event, actor, clock);
      });
    },
    async resolve(name, alias) {
      assertModelName(name);
      assertAlias(alias);
      if (isLatest(alias)) {
        const latest = await findLatestVersion(kysely, name);
        if (latest !== undefined) return latest;
        throw new DuetMindError("NOT_FOUND", `Latest version not found for model ${name}.`);
      }
      const found = await findVersionByAlias(kysely, name, alias);
      if (found !== undefined) return found;
      const known = await findRegisteredModel(kysely, name);
      throw new DuetMindError(
        known === undefined ? "NOT_FOUND" : "BAD_INPUT",
        `Registered model alias ${alias} not found.`,
      );
    },
    async delete(name, alias, actor) {
      assertModelName(name);
      assertAlias(alias);
      await database.transaction(async (db) => {
        const model = await lockModel(db, name);
        const before = await db
          .deleteFrom("registered_model_aliases")
          .where("model_id", "=", model.id)
          .where("alias", "=", alias)
          .returning(["alias", "version"])
          .executeTakeFirst();
        if (before === undefined) return;
        await appendAudit(db, { ...auditOf("delete_alias", name, actor), before }, clock);
        const event = {
          change: "model_version_alias.deleted",
          isPrompt: model.isPrompt,
          data: { name, alias },
        } as const;
        await tellRegistryChange(db, event, actor, clock);
      });
    },
  };
}

function auditOf(action: string, name: string, actor: string) {
  const object = { object_type: "registered_model", object_id: name };
  return { actor, action: `registered_model.${action}`, ...object };
}

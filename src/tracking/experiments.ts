import { sql } from "kysely";
import { appendAudit } from "../audit/append-audit.ts";
import type { Clock } from "../core/clock.ts";
import { DuetMindError, type ErrorCode } from "../core/errors.ts";
import type { Page } from "../search/read-page.ts";
import type { Database, OpenedDatabase } from "../store/database.ts";
import { absoluteLocation } from "./absolute-location.ts";
import {
  assertArtifactLocation,
  assertExperimentName,
  assertExperimentTag,
  assertKeysDiffer,
} from "./limits.ts";
import type { Entry } from "./log-batch.ts";
import { type DatasetSummary, searchDatasets } from "./search-datasets-queries.ts";
import { type ExperimentSearch, searchExperiments } from "./search-experiments-queries.ts";

export type LifecycleStage = "active" | "deleted";

export type Experiment = Readonly<{
  /** Digits: MLflow's clients treat it as a text. */
  id: string;
  name: string;
  artifactLocation: string;
  lifecycleStage: LifecycleStage;
  createdAt: Date;
  updatedAt: Date;
  tags: readonly Entry[];
}>;

export type NewExperiment = Readonly<{
  name: string;
  /** Where its runs keep their files; below the artifact proxy unless given. */
  artifactLocation?: string | undefined;
  tags?: readonly Entry[];
}>;

/** Experiments with MLflow's rules (reference: mlflow.md, sections 6 and 8). */
export type ExperimentService = Readonly<{
  create(experiment: NewExperiment, actor: string): Promise<string>;
  /** Deleted ones too; NOT_FOUND for an id that nobody has. */
  get(id: string): Promise<Experiment>;
  getByName(name: string): Promise<Experiment>;
  rename(id: string, name: string, actor: string): Promise<void>;
  /** Deletes it and all of its runs, softly. */
  delete(id: string, actor: string): Promise<void>;
  /** Brings it back with all of its runs. */
  restore(id: string, actor: string): Promise<void>;
  setTag(id: string, tag: Entry): Promise<void>;
  deleteTag(id: string, key: string): Promise<void>;
  search(search: ExperimentSearch): Promise<Page<Experiment>>;
  /** The datasets that runs of these experiments used. */
  searchDatasets(ids: readonly string[]): Promise<readonly DatasetSummary[]>;
}>;

export type ExperimentOptions = Readonly<{
  /** Where experiments keep artifacts when they do not say: a URI without a final slash. */
  artifactRoot: string;
  /** What relative local paths of artifacts start from. */
  root: string;
}>;

const UNIQUE_VIOLATION = "23505";

export function createExperiments(
  database: OpenedDatabase,
  options: ExperimentOptions,
  clock: Clock,
): ExperimentService {
  const { kysely } = database;

  type Change = Readonly<{ before?: unknown; after?: unknown }>;

  async function audit(db: Database, action: string, id: number, actor: string, change?: Change) {
    const object = { object_type: "experiment", object_id: String(id) };
    await appendAudit(db, { actor, action: `experiment.${action}`, ...object, ...change }, clock);
  }

  /** Changes the stage of an experiment and of all its runs, whatever stage those had. */
  async function move(given: string, from: LifecycleStage, to: LifecycleStage, actor: string) {
    const id = toExperimentId(given);
    const now = clock.now();
    await database.transaction(async (db) => {
      const moved = await db
        .updateTable("experiments")
        .set({ lifecycle_stage: to, updated_at: now })
        .where("experiment_id", "=", id)
        .where("lifecycle_stage", "=", from)
        .executeTakeFirst();
      if (moved.numUpdatedRows === 0n) throw noExperiment(given);
      await db
        .updateTable("runs")
        .set({ lifecycle_stage: to, deleted_at: to === "deleted" ? now : null })
        .where("experiment_id", "=", id)
        .where("lifecycle_stage", "=", from)
        .execute();
      await audit(db, to === "deleted" ? "delete" : "restore", id, actor);
    });
  }

  return {
    async create({ name, artifactLocation, tags = [] }, actor) {
      assertExperimentName(name);
      if (artifactLocation !== undefined) assertArtifactLocation(artifactLocation);
      for (const tag of tags) assertExperimentTag(tag);
      assertKeysDiffer(tags);
      const location = artifactLocation ? absoluteLocation(artifactLocation, options.root) : null;
      const now = clock.now();
      return database.transaction(async (db) => {
        const made = await sql<{ experiment_id: number }>`
          WITH fresh AS (
            SELECT nextval(pg_get_serial_sequence('duetmind.experiments', 'experiment_id')) AS id
          )
          INSERT INTO duetmind.experiments
            (experiment_id, name, artifact_location, created_at, updated_at)
          SELECT id, ${name}::text,
            coalesce(${location}::text, ${options.artifactRoot}::text || '/' || id),
            ${now}::timestamptz, ${now}::timestamptz
          FROM fresh ON CONFLICT (name) DO NOTHING RETURNING experiment_id`.execute(db);
        const id = made.rows[0]?.experiment_id;
        if (id === undefined) throw await nameIsTaken(db, name);
        if (tags.length > 0) {
          await db
            .insertInto("experiment_tags")
            .values(tags.map((tag) => ({ experiment_id: id, ...tag })))
            .execute();
        }
        await audit(db, "create", id, actor, { after: { name } });
        return String(id);
      });
    },
    get: (id) => findOne(kysely, { id: toExperimentId(id) }, () => noExperiment(id)),
    getByName: (name) =>
      findOne(kysely, { name }, () => {
        return new DuetMindError("NOT_FOUND", `Could not find experiment with name '${name}'`);
      }),
    async rename(given, name, actor) {
      assertExperimentName(name);
      const id = toExperimentId(given);
      const renamed = database.transaction(async (db) => {
        const known = await findOne(db, { id }, () => noExperiment(given));
        if (known.lifecycleStage !== "active") {
          throw new DuetMindError("BAD_INPUT", "Cannot rename a non-active experiment.");
        }
        const taken = await db
          .selectFrom("experiments")
          .select("experiment_id")
          .where("name", "=", name)
          .where("experiment_id", "<>", id)
          .executeTakeFirst();
        if (taken !== undefined) throw await nameIsTaken(db, name, "INTEGRITY_VIOLATED");
        await db
          .updateTable("experiments")
          .set({ name, updated_at: clock.now() })
          .where("experiment_id", "=", id)
          .execute();
        await audit(db, "rename", id, actor, { before: { name: known.name }, after: { name } });
      });
      await renamed.catch(async (error: unknown) => {
        // somebody took the name since it was looked for
        const isTaken = (error as { code?: string }).code === UNIQUE_VIOLATION;
        throw isTaken ? await nameIsTaken(kysely, name, "INTEGRITY_VIOLATED") : error;
      });
    },
    delete: (id, actor) => move(id, "active", "deleted", actor),
    restore: (id, actor) => move(id, "deleted", "active", actor),
    async setTag(given, tag) {
      assertExperimentTag(tag);
      const id = await activeExperimentId(kysely, given);
      await kysely
        .insertInto("experiment_tags")
        .values({ experiment_id: id, ...tag })
        .onConflict((conflict) =>
          conflict.columns(["experiment_id", "key"]).doUpdateSet({ value: tag.value }),
        )
        .execute();
    },
    async deleteTag(given, key) {
      const id = await activeExperimentId(kysely, given);
      const { numDeletedRows } = await kysely
        .deleteFrom("experiment_tags")
        .where("experiment_id", "=", id)
        .where("key", "=", key)
        .executeTakeFirst();
      if (numDeletedRows > 0n) return;
      throw new DuetMindError("NOT_FOUND", `No tag with name: ${key} in experiment with id ${id}`);
    },
    search: (search) => searchExperiments(kysely, search),
    searchDatasets: async (ids) => searchDatasets(kysely, ids.map(toExperimentId)),
  };
}

/** An experiment's id as the database keeps it. */
export function toExperimentId(given: string): number {
  const id = /^-?\d{1,19}$/.test(given) ? Number(given) : Number.NaN;
  if (Number.isSafeInteger(id)) return id;
  if (!Number.isNaN(id)) throw noExperiment(given);
  throw new DuetMindError(
    "BAD_INPUT",
    `Invalid experiment ID '${given}'. Experiment ID must be a valid integer.`,
  );
}

/** The id of an experiment that takes writes. */
export async function activeExperimentId(db: Database, given: string): Promise<number> {
  const id = toExperimentId(given);
  const known = await db
    .selectFrom("experiments")
    .select("lifecycle_stage")
    .where("experiment_id", "=", id)
    .executeTakeFirst();
  if (known === undefined) throw noExperiment(given);
  if (known.lifecycle_stage === "active") return id;
  throw new DuetMindError(
    "BAD_INPUT",
    `The experiment ${given} must be in the 'active' state. Current state is deleted.`,
  );
}

function noExperiment(id: string): DuetMindError {
  return new DuetMindError("NOT_FOUND", `No Experiment with id=${id} exists`);
}

/** MLflow has another word for it in a rename than in a create. */
async function nameIsTaken(
  db: Database,
  name: string,
  code: ErrorCode = "ALREADY_EXISTS",
): Promise<DuetMindError> {
  const known = await db
    .selectFrom("experiments")
    .select("lifecycle_stage")
    .where("name", "=", name)
    .executeTakeFirst();
  const deleted = known?.lifecycle_stage === "deleted" ? " in deleted state" : "";
  return new DuetMindError(code, `Experiment '${name}' already exists${deleted}.`, {
    hint: deleted === "" ? "choose another name" : "restore it, or delete it for good",
  });
}

async function findOne(
  db: Database,
  by: Readonly<{ id: number } | { name: string }>,
  absent: () => DuetMindError,
): Promise<Experiment> {
  const row = await db
    .selectFrom("experiments")
    .selectAll()
    .$if("id" in by, (query) => query.where("experiment_id", "=", (by as { id: number }).id))
    .$if("name" in by, (query) => query.where("name", "=", (by as { name: string }).name))
    .executeTakeFirst();
  if (row === undefined) throw absent();
  const tags = await db
    .selectFrom("experiment_tags")
    .select(["key", "value"])
    .where("experiment_id", "=", row.experiment_id)
    .orderBy("key")
    .execute();
  return {
    id: String(row.experiment_id),
    name: row.name,
    artifactLocation: row.artifact_location,
    lifecycleStage: row.lifecycle_stage as LifecycleStage,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    tags,
  };
}

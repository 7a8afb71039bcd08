import type { ObjectStore } from "../artifacts/object-store.ts";
import { appendAudit } from "../audit/append-audit.ts";
import type { Clock } from "../core/clock.ts";
import type { Digest } from "../core/hash.ts";
import type { Database, OpenedDatabase } from "../store/database.ts";
import { deleteArtifactFiles } from "./artifact-file-queries.ts";
import { type FreedObjects, freeObjects } from "./free-objects.ts";
import {
  type DeadExperiment,
  type DeadModel,
  type DeadRun,
  deleteExperiment,
  deleteLoggedModels,
  deleteRuns,
  findDeadExperiments,
  findDeadModels,
  findDeadRuns,
  type GarbageScope,
  measureArtifacts,
} from "./gc-queries.ts";
import { decodeStable } from "./limits.ts";
import { measureLooseObjects, type Objects } from "./loose-object-queries.ts";
import { proxyPath } from "./proxy-path.ts";

/**
 * Deletes for good what was deleted long enough ago: runs, logged models and experiments with their
 * rows, the paths of their files, and the bytes that nothing else names; also the bytes of files that were
 * deleted or replaced by themselves as long ago. What a version of a registered model points at stays, and
 * a run with metrics of a logged model that stays.
 */
export type Garbage = Readonly<{
  runs: readonly DeadRun[];
  models: readonly DeadModel[];
  experiments: readonly DeadExperiment[];
  kept: readonly Kept[];
  /** Files whose paths go. */
  files: number;
  sizeBytes: number;
  /** Objects of the store that nothing names then. */
  freed: Objects;
  /** Files that clients keep outside of this server; they are theirs to delete. */
  elsewhere: readonly string[];
}>;

export type Kept = Readonly<{ kind: "run" | "model" | "experiment"; id: string; reason: string }>;

/** MLflow's clients expect this experiment to exist. */
const DEFAULT_EXPERIMENT = 0;
/** So many runs go in one transaction: a kill leaves whole ones only. */
const BATCH = 100;

/** Says what would go, and what would not and why. */
export async function findGarbage(db: Database, scope: GarbageScope): Promise<Garbage> {
  const runs = await findDeadRuns(db, scope);
  const models = await findDeadModels(db, scope);
  const experiments = await findDeadExperiments(db, scope);
  return planGarbage(db, scope, runs, models, experiments);
}

/** Deletes what was found; what was restored or registered meanwhile stays. Says what was freed. */
export async function deleteGarbage(
  database: OpenedDatabase,
  store: ObjectStore,
  garbage: Garbage,
  before: Date,
  actor: string,
  clock: Clock,
): Promise<FreedObjects> {
  const loose: Digest[] = [];
  const audit = (db: Database, object_type: string, object_id: string) =>
    appendAudit(db, { actor, action: `${object_type}.purge`, object_type, object_id }, clock);

  const uris = new Map([
    ...garbage.runs.map((run) => [run.run_id, run.artifact_uri] as const),
    ...garbage.models.map((model) => [model.model_id, model.artifact_uri] as const),
  ]);
  async function forget(db: Database, kind: string, ids: readonly string[]): Promise<void> {
    for (const id of ids) {
      const path = ownPath(uris.get(id)!, id);
      if (path !== undefined) loose.push(...(await deleteArtifactFiles(db, path)));
      await audit(db, kind, id);
    }
  }

  for (const ids of batches(garbage.runs.map(({ run_id }) => run_id))) {
    await database.transaction(async (db) => forget(db, "run", await deleteRuns(db, ids, before)));
  }
  for (const ids of batches(garbage.models.map(({ model_id }) => model_id))) {
    await database.transaction(async (db) =>
      forget(db, "logged_model", await deleteLoggedModels(db, ids, before)),
    );
  }
  for (const { experiment_id: id } of garbage.experiments) {
    await database.transaction(async (db) => {
      if (!(await deleteExperiment(db, id, before))) return;
      // what was put there beside runs and models
      loose.push(...(await deleteArtifactFiles(db, String(id))));
      await audit(db, "experiment", String(id));
    });
  }
  return freeObjects(database, store, before, [...new Set(loose)]);
}

async function planGarbage(
  db: Database,
  { before }: GarbageScope,
  runs: readonly DeadRun[],
  models: readonly DeadModel[],
  experiments: readonly DeadExperiment[],
): Promise<Garbage> {
  const [freeRuns, freeModels] = [runs, models].map((all) =>
    all.filter(({ held_by }) => held_by === null),
  ) as [DeadRun[], DeadModel[]];
  const leaving = (things: readonly Readonly<{ experiment_id: number }>[], id: number) =>
    things.filter(({ experiment_id }) => experiment_id === id).length;
  const stays = experiments.map((experiment) => {
    const { experiment_id: id, runs: allRuns, models: allModels } = experiment;
    const left = allRuns - leaving(freeRuns, id) + (allModels - leaving(freeModels, id));
    const reason =
      id === DEFAULT_EXPERIMENT
        ? "clients expect the default experiment to exist"
        : left > 0
          ? `${left} of its runs and logged models stay`
          : undefined;
    return { experiment, reason };
  });
  const roots = [
    ...freeRuns.map((run) => ({ uri: run.artifact_uri, id: run.run_id })),
    ...freeModels.map((model) => ({ uri: model.artifact_uri, id: model.model_id })),
  ];
  const leavingExperiments = stays.flatMap(({ experiment, reason }) =>
    reason === undefined ? [experiment] : [],
  );
  const folders = [
    ...roots.flatMap(({ uri, id }) => ownPath(uri, id) ?? []),
    ...leavingExperiments.map(({ experiment_id }) => String(experiment_id)),
  ];
  return {
    runs: freeRuns,
    models: freeModels,
    experiments: leavingExperiments,
    kept: [
      ...runs.flatMap((run) => held("run", run.run_id, run.held_by)),
      ...models.flatMap((model) => held("model", model.model_id, model.held_by)),
      ...stays.flatMap(({ experiment, reason }): Kept[] =>
        reason === undefined
          ? []
          : [{ kind: "experiment", id: String(experiment.experiment_id), reason }],
      ),
    ],
    ...(await measureArtifacts(db, folders)),
    freed: await measureLooseObjects(db, folders, before),
    elsewhere: roots.flatMap(({ uri, id }) => (ownPath(uri, id) === undefined ? [uri] : [])),
  };
}

function held(kind: Kept["kind"], id: string, holder: string | null): Kept[] {
  return holder === null ? [] : [{ kind, id, reason: `${holder} needs it` }];
}

/** The folder below the proxy that holds nothing but the files of this run or model. */
function ownPath(uri: string, id: string): string | undefined {
  const path = proxyPath(uri);
  if (path === undefined) return undefined;
  const decoded = decodeStable(path);
  return decoded.split("/").includes(id) ? decoded : undefined;
}

function batches(ids: readonly string[]): string[][] {
  const found = [];
  for (let at = 0; at < ids.length; at += BATCH) found.push(ids.slice(at, at + BATCH));
  return found;
}

import { auditInsert } from "../audit/append-audit.ts";
import type { Clock } from "../core/clock.ts";
import { DuetMindError } from "../core/errors.ts";
import { uuidV7 } from "../core/ids.ts";
import { eventInsert } from "../events/append-event.ts";
import type { Page } from "../search/read-page.ts";
import type { OpenedDatabase } from "../store/database.ts";
import { noRun } from "./active-run.ts";
import { assertBatch, assertMetric, assertParam, assertTag } from "./batch-limits.ts";
import { activeExperimentId, toExperimentId } from "./experiments.ts";
import { cutText, MAX_TAG_VALUE } from "./limits.ts";
import { type Batch, type BatchMetric, type Entry, logBatch } from "./log-batch.ts";
import { nameRun } from "./run-name.ts";
import { insertRun, type RunInfo } from "./run-queries.ts";
import { type Run, readRun } from "./run-text-queries.ts";
import {
  changeRun,
  moveRun,
  RUN_EVENT_DATA,
  type RunChanges,
  removeTag,
} from "./run-write-queries.ts";
import { type RunSearch, searchRuns } from "./search-runs-queries.ts";

export type RunRequest = Readonly<{
  experimentId: string;
  /** Else the tag mlflow.runName, else one is made up. */
  name?: string | undefined;
  user: string;
  startedAt: Date;
  tags: readonly Entry[];
}>;

/** Runs with MLflow's rules (reference: mlflow.md, sections 3, 6 and 8). */
export type RunService = Readonly<{
  create(run: RunRequest, actor: string): Promise<CreatedRun>;
  /** Deleted ones too; NOT_FOUND for an id that nobody has. */
  get(runId: string): Promise<Run>;
  update(runId: string, changes: RunChanges, actor: string): Promise<RunInfo>;
  delete(runId: string, actor: string): Promise<void>;
  restore(runId: string, actor: string): Promise<void>;
  logMetric(runId: string, metric: BatchMetric): Promise<void>;
  logParam(runId: string, param: Entry): Promise<void>;
  /** All of it or nothing. */
  logBatch(runId: string, batch: Batch): Promise<void>;
  setTag(runId: string, tag: Entry): Promise<void>;
  deleteTag(runId: string, key: string): Promise<void>;
  search(query: RunQuery): Promise<Page<Run>>;
}>;

/** A search by ids of experiments as clients write them. */
export type RunQuery = Omit<RunSearch, "experimentIds"> &
  Readonly<{ experimentIds: readonly string[] }>;

export type CreatedRun = RunInfo & Readonly<{ tags: readonly Entry[] }>;

export function createRuns(database: OpenedDatabase, clock: Clock): RunService {
  const { kysely } = database;

  const audit = (action: string, runId: string, actor: string, after?: unknown) => {
    const entry = { actor, action: `run.${action}`, object_type: "run", object_id: runId, after };
    return (from: Parameters<typeof auditInsert>[1]) => auditInsert(entry, from, clock);
  };

  return {
    async create(request, actor) {
      const runId = uuidV7(clock).replaceAll("-", "");
      const { experimentId, user, startedAt } = request;
      const { name, tags } = nameRun(request.name, request.tags);
      const run = await insertRun(
        kysely,
        {
          ...{ runId, experimentId: toExperimentId(experimentId), name, user, startedAt },
          ...{ status: "RUNNING", endedAt: null, recordDigest: null },
        },
        tags,
        audit("create", runId, actor, { name, experiment_id: experimentId }),
      );
      if (run !== undefined) return { ...run, tags };
      await activeExperimentId(kysely, experimentId); // says why
      throw new DuetMindError("CONFLICT", `experiment ${experimentId}: it was restored just now`, {
        hint: "send the request again",
      });
    },
    async get(runId) {
      const run = await readRun(kysely, runId);
      if (run === undefined) throw noRun(runId);
      return run;
    },
    async update(runId, changes, actor) {
      const name = cutText(changes.name ?? "", MAX_TAG_VALUE);
      const event = { topic: "runs", kind: `run.${changes.status?.toLowerCase()}`, actor };
      const notes = {
        renamed: audit("rename", runId, actor, { name }),
        moved: (from: Parameters<typeof auditInsert>[1]) =>
          eventInsert(event, RUN_EVENT_DATA, from, clock),
      };
      return changeRun(kysely, runId, { ...changes, name }, notes);
    },
    delete: (runId, actor) =>
      moveRun(kysely, runId, "deleted", clock.now(), audit("delete", runId, actor)),
    restore: (runId, actor) =>
      moveRun(kysely, runId, "active", clock.now(), audit("restore", runId, actor)),
    async logMetric(runId, metric) {
      assertMetric(metric);
      await logBatch(kysely, runId, { metrics: [metric] });
    },
    async logParam(runId, param) {
      assertParam(param);
      await logBatch(kysely, runId, { params: [param] });
    },
    async logBatch(runId, batch) {
      assertBatch(batch);
      await logBatch(kysely, runId, batch);
    },
    async setTag(runId, tag) {
      assertTag(tag);
      await logBatch(kysely, runId, { tags: [tag] });
    },
    async deleteTag(runId, key) {
      if (await removeTag(kysely, runId, key)) return;
      throw new DuetMindError("NOT_FOUND", `No tag with name: ${key} in run with id ${runId}`);
    },
    async search(query) {
      return searchRuns(kysely, {
        ...query,
        experimentIds: query.experimentIds.map(toExperimentId),
      });
    },
  };
}

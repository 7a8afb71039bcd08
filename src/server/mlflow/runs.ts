import { DuetMindError } from "../../core/errors.ts";
import type { Int64 } from "../../core/int64.ts";
import { enumOf, int32, int64, list, message, required, text } from "./message.ts";
import { call, type MlflowRoute } from "./route.ts";
import { runFields, runIdOf } from "./run-fields.ts";
import { searchFields, toSearch, viewType } from "./search-fields.ts";
import { toWireNewRun, toWireRun, toWireRunInfo } from "./to-wire-run.ts";
import { WireText } from "./write-json.ts";

const tag = message({ key: required(text), value: text });
const byId = message(runFields);
const status = enumOf({ RUNNING: 1, SCHEDULED: 2, FINISHED: 3, FAILED: 4, KILLED: 5 });

/** MLflow's calls that make, read, change and delete runs (reference: mlflow.md, section 1). */
export const runRoutes: readonly MlflowRoute[] = [
  call(
    { method: "POST", path: "/mlflow/runs/create", scope: "write" },
    message({
      experiment_id: text,
      user_id: text,
      run_name: text,
      start_time: int64,
      tags: list(tag),
    }),
    async ({ experiment_id, user_id, run_name, start_time, tags }, { runs }, { actor }) => {
      const run = {
        experimentId: experiment_id || noExperimentId(),
        name: run_name,
        user: user_id ?? "",
        startedAt: toDate(start_time ?? 0, "start_time"),
        tags: tags.map(({ key, value }) => ({ key, value: value ?? "" })),
      };
      return { run: toWireNewRun(await runs.create(run, actor)) };
    },
  ),
  call(
    { method: "GET", path: "/mlflow/runs/get", scope: "read" },
    byId,
    async (fields, { runs }) => {
      return new WireText([`{"run":`, toWireRun(await runs.get(runIdOf(fields))), "}"]);
    },
  ),
  call(
    { method: "POST", path: "/mlflow/runs/update", scope: "write" },
    message({ ...runFields, status, end_time: int64, run_name: text }),
    async (fields, { runs }, { actor }) => {
      const { status, end_time, run_name: name } = fields;
      const endedAt = end_time === undefined ? undefined : toDate(end_time, "end_time");
      const run = await runs.update(runIdOf(fields), { status, endedAt, name }, actor);
      return { run_info: toWireRunInfo(run) };
    },
  ),
  call(
    { method: "POST", path: "/mlflow/runs/delete", scope: "write" },
    byId,
    async (fields, { runs }, { actor }) => {
      await runs.delete(runIdOf(fields), actor);
      return {};
    },
  ),
  call(
    { method: "POST", path: "/mlflow/runs/restore", scope: "write" },
    byId,
    async (fields, { runs }, { actor }) => {
      await runs.restore(runIdOf(fields), actor);
      return {};
    },
  ),
  call(
    { method: "POST", path: "/mlflow/runs/search", scope: "read" },
    message({
      ...searchFields,
      experiment_ids: list(text),
      run_view_type: viewType,
      max_results: int32,
    }),
    async (fields, { runs }) => {
      const { rows, nextPageToken } = await runs.search({
        ...toSearch(fields),
        experimentIds: fields.experiment_ids.map((id) => id ?? ""),
        view: fields.run_view_type ?? "ACTIVE_ONLY",
        maxResults: fields.max_results ?? DEFAULT_PAGE,
      });
      if (rows.length === 0) return {};
      const token =
        nextPageToken === null ? "" : `,"next_page_token":${JSON.stringify(nextPageToken)}`;
      const found = rows.map((run, i) => `${i === 0 ? "" : ","}${toWireRun(run)}`);
      return new WireText([`{"runs":[`, ...found, `]${token}}`]);
    },
  ),
];

const DEFAULT_PAGE = 1000;

/** MLflow answers what its database says of a run without an experiment. */
function noExperimentId(): never {
  throw new DuetMindError(
    "INTEGRITY_VIOLATED",
    "experiment_id: expected the id of an experiment, got none",
    { path: "experiment_id" },
  );
}

/** From the first day of PostgreSQL's calendar to the last of JavaScript's, in milliseconds. */
const [EARLIEST, LATEST] = [-210_866_803_200_000, 8_640_000_000_000_000];

function toDate(milliseconds: Int64, name: string): Date {
  if (milliseconds >= EARLIEST && milliseconds <= LATEST) return new Date(Number(milliseconds));
  throw new DuetMindError(
    "BAD_INPUT",
    `Invalid value ${milliseconds} for parameter '${name}' supplied: expected milliseconds since 1970 from ${EARLIEST} to ${LATEST}`,
    { path: name },
  );
}

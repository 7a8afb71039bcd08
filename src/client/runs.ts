import { type ActiveRun, createActiveRun } from "./active-run.ts";
import type { ArtifactsClient } from "./artifacts.ts";
import type { ClientEffects, ClientSettings } from "./client-options.ts";
import type { ViewType } from "./experiments.ts";
import { type Int64, listAt, objectAt, optionalTextAt } from "./fields.ts";
import type { Filter } from "./filter.ts";
import { fromWireMetric, type Metric } from "./metric.ts";
import { type Order, toOrderTexts } from "./order-by.ts";
import { createPages, type Pages } from "./pages.ts";
import { type Run, type RunInfo, type RunStatus, toRun, toRunInfo } from "./run.ts";
import { toPairs } from "./tags.ts";
import type { Transport } from "./transport.ts";

/** What a new run may bring. */
export type NewRun = Readonly<{
  experimentId: string;
  /** Made up by the server where there is none. */
  runName?: string;
  /** Default now. */
  startTime?: Date;
  userId?: string;
  tags?: Readonly<Record<string, string>>;
  /** The run that this one is a part of. */
  parentRunId?: string;
}>;

/** Which runs, in which order. */
export type RunSearch = Readonly<{
  experimentIds: readonly string[];
  filter?: Filter<"runs"> | string;
  orderBy?: readonly Order<"runs">[];
  /** Default ACTIVE_ONLY. */
  viewType?: ViewType;
  /** How many to ask for at a time. Default 1000. */
  pageSize?: number;
}>;

/** Which points of a metric, in steps and number. */
export type MetricSample = Readonly<{
  /** At most 100. */
  runIds: readonly string[];
  key: string;
  /** Both or neither. */
  startStep?: Int64;
  endStep?: Int64;
  /** For each run, 1 to 2500; the server's default is 320. */
  maxPoints?: number;
}>;

/** The runs of a server. */
export type RunsClient = Readonly<{
  /** Makes a run and hands it out for writing. */
  start(run: NewRun): Promise<ActiveRun>;
  /** Hands out a run that is there already for writing. */
  resume(runId: string): Promise<ActiveRun>;
  /**
   * Starts a run, does the work and ends it: FINISHED, or FAILED if the work fails.
   *
   * @example
   * const auc = await client.runs.track({ experimentId }, async (run) => {
   *   await run.logMetric("auc", 0.93);
   *   return 0.93;
   * });
   */
  track<T>(run: NewRun, work: (run: ActiveRun) => Promise<T>): Promise<T>;
  /** By id, deleted ones too. */
  get(runId: string): Promise<Run>;
  search(search: RunSearch): Pages<Run>;
  update(
    runId: string,
    change: Readonly<{ status?: RunStatus; endTime?: Date; runName?: string }>,
  ): Promise<RunInfo>;
  delete(runId: string): Promise<void>;
  restore(runId: string): Promise<void>;
  /** Every point of a metric, by time. */
  metricHistory(runId: string, key: string): Pages<Metric>;
  /** Enough points of a metric for a chart of several runs. */
  sampleMetric(sample: MetricSample): Promise<readonly Metric[]>;
}>;

const BASE = "/api/2.0/mlflow/runs";
const METRICS = "/api/2.0/mlflow/metrics";
const HISTORY_PAGE = 25_000;

export type OpenRuns = Readonly<{ client: RunsClient; open: ReadonlySet<ActiveRun> }>;

export function createRunsClient(
  transport: Transport,
  artifacts: ArtifactsClient,
  settings: ClientSettings,
  effects: ClientEffects,
): OpenRuns {
  const open = new Set<ActiveRun>();
  const post = (call: string, body: unknown, repeatable = true) =>
    transport.json({ method: "POST", path: `${BASE}/${call}`, body, repeatable });

  function activate(info: RunInfo): ActiveRun {
    const files = artifacts(info.artifactUri);
    const run = createActiveRun(info, files, settings, transport, effects.now, () => {
      open.delete(run);
    });
    open.add(run);
    return run;
  }

  async function start(run: NewRun): Promise<ActiveRun> {
    const parent = run.parentRunId;
    const tags = parent === undefined ? run.tags : { ...run.tags, "mlflow.parentRunId": parent };
    const body = {
      experiment_id: run.experimentId,
      run_name: run.runName,
      user_id: run.userId,
      start_time: run.startTime?.getTime() ?? effects.now(),
      tags: toPairs(tags),
    };
    return activate(toRun(objectAt(await post("create", body, false), "run")));
  }

  async function get(runId: string): Promise<Run> {
    const query = { run_id: runId };
    const reply = await transport.json({ method: "GET", path: `${BASE}/get`, query });
    return toRun(objectAt(reply, "run"));
  }

  /** Does the work; if it fails, so does the run. */
  async function attempt<T>(run: ActiveRun, work: (run: ActiveRun) => Promise<T>): Promise<T> {
    try {
      return await work(run);
    } catch (error) {
      await run.end("FAILED").catch((second: unknown) => {
        const message = `run ${run.info.runId} failed, and its end did too`;
        throw new AggregateError([error, second], message);
      });
      throw error;
    }
  }

  const client: RunsClient = {
    start,
    async resume(runId) {
      return activate(await get(runId));
    },
    async track(options, work) {
      const run = await start(options);
      const result = await attempt(run, work);
      await run.end();
      return result;
    },
    get,
    search({ experimentIds, filter, orderBy = [], viewType, pageSize }) {
      return createPages(async (page_token) => {
        const reply = await post("search", {
          experiment_ids: experimentIds,
          filter: filter?.toString(),
          order_by: toOrderTexts(orderBy),
          run_view_type: viewType,
          max_results: pageSize,
          page_token,
        });
        return {
          items: listAt(reply, "runs").map(toRun),
          nextPageToken: optionalTextAt(reply, "next_page_token"),
        };
      });
    },
    async update(run_id, { status, endTime, runName: run_name }) {
      const body = { run_id, status, end_time: endTime?.getTime(), run_name };
      return toRunInfo(objectAt(await post("update", body), "run_info"));
    },
    async delete(run_id) {
      await post("delete", { run_id });
    },
    async restore(run_id) {
      await post("restore", { run_id });
    },
    metricHistory(run_id, metric_key) {
      return createPages(async (page_token) => {
        const query = { run_id, metric_key, max_results: HISTORY_PAGE, page_token };
        const path = `${METRICS}/get-history`;
        const reply = await transport.json({ method: "GET", path, query });
        return {
          items: listAt(reply, "metrics").map(fromWireMetric),
          nextPageToken: optionalTextAt(reply, "next_page_token"),
        };
      });
    },
    async sampleMetric({ runIds, key, startStep, endStep, maxPoints }) {
      const query = {
        run_ids: runIds,
        metric_key: key,
        start_step: startStep,
        end_step: endStep,
        max_results: maxPoints,
      };
      const path = `${METRICS}/get-history-bulk-interval`;
      const reply = await transport.json({ method: "GET", path, query });
      return listAt(reply, "metrics").map(fromWireMetric);
    },
  };
  return { client, open };
}

import type { Artifacts } from "./artifacts.ts";
import type { ClientSettings } from "./client-options.ts";
import type { Int64 } from "./fields.ts";
import { type MetricOptions, toMetric, toWireMetric } from "./metric.ts";
import { createMetricQueue } from "./metric-queue.ts";
import {
  type DatasetInput,
  type ModelOutput,
  type RunInfo,
  type RunStatus,
  toWireInput,
} from "./run.ts";
import type { Transport } from "./transport.ts";

/**
 * A run that is being written. Metrics are sent in the background; all else when it is called.
 *
 * @example
 * const run = await client.runs.start({ experimentId });
 * await run.logParams({ rounds: 100, model: "gbm" });
 * for (let step = 0; step < 100; step++) await run.logMetric("loss", 1 / (step + 1), { step });
 * await run.end();
 */
export type ActiveRun = Readonly<{
  info: RunInfo;
  /** The files of the run. */
  artifacts: Artifacts;
  /**
   * Takes a point and returns at once. What it returns is settled as long as the queue has room; await
   * it in a loop that may be quicker than the server. It never fails: see `flush`.
   */
  logMetric(key: string, value: number, options?: MetricOptions): Promise<void>;
  /** Several metrics of one step. */
  logMetrics(values: Readonly<Record<string, number>>, options?: MetricOptions): Promise<void>;
  /** Params are written once: another value for one that is there is refused. */
  logParam(key: string, value: ParamValue): Promise<void>;
  logParams(values: Readonly<Record<string, ParamValue>>): Promise<void>;
  setTag(key: string, value: string): Promise<void>;
  setTags(values: Readonly<Record<string, string>>): Promise<void>;
  deleteTag(key: string): Promise<void>;
  /** The datasets that the run uses. */
  logInputs(datasets: readonly DatasetInput[], modelIds?: readonly string[]): Promise<void>;
  /** The logged models that the run made. */
  logOutputs(models: readonly ModelOutput[]): Promise<void>;
  /** Waits until every metric so far is stored; fails with those that could not be. */
  flush(): Promise<void>;
  /** Stores what waits, then sets status and end. A second end only flushes. */
  end(status?: EndStatus, options?: Readonly<{ endTime?: Date }>): Promise<void>;
  /** `await using run = …` ends it as FINISHED. */
  [Symbol.asyncDispose](): Promise<void>;
}>;

/** What a run may end as. */
export type EndStatus = Exclude<RunStatus, "RUNNING" | "SCHEDULED">;

/** Params are kept as texts. */
export type ParamValue = string | boolean | Int64;

const BASE = "/api/2.0/mlflow/runs";
/** The server takes so many params, and so many tags, in one request. */
const BATCH_SIZE = 100;

export function createActiveRun(
  info: RunInfo,
  artifacts: Artifacts,
  settings: ClientSettings,
  transport: Transport,
  now: () => number,
  onEnd: () => void,
): ActiveRun {
  const run_id = info.runId;
  const post = (call: string, fields: Readonly<Record<string, unknown>>) =>
    transport.json({ method: "POST", path: `${BASE}/${call}`, body: { run_id, ...fields } });

  const queue = createMetricQueue(
    {
      runId: run_id,
      capacity: settings.queueSize,
      batchDelayMs: settings.batchDelayMs,
      onError: settings.onError,
    },
    async (metrics) => {
      await post("log-batch", { metrics: metrics.map(toWireMetric) });
    },
  );

  async function logPairs(
    kind: "params" | "tags",
    values: Readonly<Record<string, ParamValue>>,
  ): Promise<void> {
    const pairs = Object.entries(values).map(([key, value]) => ({ key, value: String(value) }));
    for (let at = 0; at < pairs.length; at += BATCH_SIZE) {
      await post("log-batch", { [kind]: pairs.slice(at, at + BATCH_SIZE) });
    }
  }

  let ended = false;
  async function end(
    status: EndStatus = "FINISHED",
    options: Readonly<{ endTime?: Date }> = {},
  ): Promise<void> {
    if (ended) return queue.flush();
    ended = true;
    try {
      await queue.flush();
    } finally {
      const end_time = options.endTime?.getTime() ?? now();
      await post("update", { status, end_time });
      onEnd();
    }
  }

  return {
    info,
    artifacts,
    logMetric: (key, value, options = {}) => queue.add(toMetric(key, value, options, now)),
    logMetrics(values, options = {}) {
      const timestamp = options.timestamp ?? now();
      const metrics = Object.entries(values).map(([key, value]) =>
        toMetric(key, value, { ...options, timestamp }, now),
      );
      let room = Promise.resolve();
      for (const metric of metrics) room = queue.add(metric);
      return room;
    },
    logParam: (key, value) => logPairs("params", { [key]: value }),
    logParams: (values) => logPairs("params", values),
    setTag: (key, value) => logPairs("tags", { [key]: value }),
    setTags: (values) => logPairs("tags", values),
    async deleteTag(key) {
      await post("delete-tag", { key });
    },
    async logInputs(datasets, modelIds = []) {
      const models = modelIds.map((model_id) => ({ model_id }));
      await post("log-inputs", { datasets: datasets.map(toWireInput), models });
    },
    async logOutputs(models) {
      const outputs = models.map(({ modelId, step }) => ({ model_id: modelId, step }));
      await post("outputs", { models: outputs });
    },
    flush: queue.flush,
    end,
    [Symbol.asyncDispose]: () => end(),
  };
}

import type { LifecycleStage } from "./experiments.ts";
import {
  type Compact,
  compact,
  dateAt,
  type Fields,
  type Int64,
  int64At,
  listAt,
  objectAt,
  optionalTextAt,
  pairsAt,
  textAt,
  toFields,
  wordAt,
} from "./fields.ts";
import { fromWireMetric, type Metric } from "./metric.ts";

const STATUSES = ["RUNNING", "SCHEDULED", "FINISHED", "FAILED", "KILLED"] as const;

/** Where a run is in its life. */
export type RunStatus = (typeof STATUSES)[number];

/** A run without what was logged to it. */
export type RunInfo = Readonly<{
  runId: string;
  runName: string;
  experimentId: string;
  userId: string;
  status: RunStatus;
  startTime: Date;
  endTime?: Date;
  artifactUri: string;
  lifecycleStage: LifecycleStage;
}>;

/** A run: what was logged to it, what it used and what it made. */
export type Run = RunInfo &
  Readonly<{
    /** The latest point of each metric. */
    metrics: Readonly<Record<string, Metric>>;
    params: Readonly<Record<string, string>>;
    tags: Readonly<Record<string, string>>;
    datasets: readonly DatasetInput[];
    /** Ids of the logged models that it used. */
    modelInputs: readonly string[];
    modelOutputs: readonly ModelOutput[];
  }>;

/** A dataset that a run used; its tag `mlflow.data.context` says for what, such as "training". */
export type DatasetInput = Readonly<{
  name: string;
  digest: string;
  sourceType: string;
  source: string;
  /** JSON texts, as the server keeps them. */
  schema?: string;
  profile?: string;
  tags?: Readonly<Record<string, string>>;
}>;

/** A logged model that a run made, and at which step. */
export type ModelOutput = Readonly<{ modelId: string; step: Int64 }>;

export function toRunInfo(info: Fields): Compact<RunInfo> {
  return compact({
    runId: textAt(info, "run_id"),
    runName: textAt(info, "run_name"),
    experimentId: textAt(info, "experiment_id"),
    userId: textAt(info, "user_id"),
    status: wordAt(info, "status", STATUSES),
    startTime: dateAt(info, "start_time") ?? new Date(0),
    endTime: dateAt(info, "end_time"),
    artifactUri: textAt(info, "artifact_uri"),
    lifecycleStage: wordAt(info, "lifecycle_stage", ["active", "deleted"]),
  });
}

export function toRun(run: Fields): Run {
  const data = toFields(run["data"] ?? {}, "data");
  const inputs = toFields(run["inputs"] ?? {}, "inputs");
  const outputs = toFields(run["outputs"] ?? {}, "outputs");
  return {
    ...toRunInfo(objectAt(run, "info")),
    metrics: Object.fromEntries(
      listAt(data, "metrics").map((each) => [textAt(each, "key"), fromWireMetric(each)]),
    ),
    params: pairsAt(data, "params"),
    tags: pairsAt(data, "tags"),
    datasets: listAt(inputs, "dataset_inputs").map(toDatasetInput),
    modelInputs: listAt(inputs, "model_inputs").map((each) => textAt(each, "model_id")),
    modelOutputs: listAt(outputs, "model_outputs").map((each) => ({
      modelId: textAt(each, "model_id"),
      step: int64At(each, "step"),
    })),
  };
}

function toDatasetInput(input: Fields): Compact<DatasetInput> {
  const dataset = objectAt(input, "dataset");
  return compact({
    name: textAt(dataset, "name"),
    digest: textAt(dataset, "digest"),
    sourceType: textAt(dataset, "source_type"),
    source: textAt(dataset, "source"),
    schema: optionalTextAt(dataset, "schema"),
    profile: optionalTextAt(dataset, "profile"),
    tags: pairsAt(input, "tags"),
  });
}

export function toWireInput({ tags, sourceType, ...dataset }: DatasetInput): unknown {
  return {
    tags: Object.entries(tags ?? {}).map(([key, value]) => ({ key, value })),
    dataset: { ...dataset, source_type: sourceType },
  };
}

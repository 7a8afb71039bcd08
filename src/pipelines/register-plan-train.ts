import { leaves } from "../core/layers.ts";
import type { Measured, Performance } from "../registry/performance.ts";
import type { Entry } from "../tracking/log-batch.ts";
import { processedDatasetName } from "./register-dataset-name.ts";
import { fileNamed, toPlannedFile } from "./register-file.ts";
import type { TrainPlan } from "./register-plan.ts";
import type { TrainRecord } from "./train-record.ts";

/** What a training's record means: a run, and the next version of a model. */
export function planTrain(
  record: TrainRecord,
  intervals: Performance,
  recordPath: string,
): TrainPlan {
  const features = fileNamed(record.inputs, "features.parquet", recordPath);
  return {
    stage: "train",
    files: record.artifacts.map(toPlannedFile),
    folder: recordPath.slice(0, recordPath.lastIndexOf("/")),
    modelFolder: record.model_folder,
    model: record.model,
    view: {
      name: record.feature_view.name,
      featureHash: record.feature_view.feature_hash,
      fitHash: record.feature_view.fit_hash,
    },
    features: {
      name: processedDatasetName(record.feature_view.name, "features"),
      digest: features.sha256,
    },
    status: record.decision.status,
    reasons: record.decision.reasons,
    performance: {
      validation: withIntervals(record.metrics.validation, intervals["validation"]),
      test: withIntervals(record.metrics.test, intervals["test"]),
    },
    hyperparameters: record.params.model["hyperparameters"] ?? {},
    params: [
      ...flat("model", record.params.model),
      ...flat("thresholds", record.params.thresholds),
    ],
    metrics: [...historyPoints(record), ...finalPoints(record)],
    tags: [
      { key: "duetmind.version", value: record.duetmind },
      { key: "duetmind.model", value: record.model },
      { key: "duetmind.status", value: record.decision.status },
      { key: "duetmind.feature_hash", value: record.feature_view.feature_hash },
    ],
  };
}

function flat(section: string, values: Readonly<Record<string, unknown>>): Entry[] {
  return leaves(values).map(([path, value]) => ({
    key: `${section}.${path}`,
    value: typeof value === "string" ? value : JSON.stringify(value),
  }));
}

/** Each round of the learner is a step of the run's history. */
function historyPoints(record: TrainRecord): TrainPlan["metrics"] {
  return record.history.flatMap(({ step, train_loss, validation_loss }) => [
    { key: "train_loss", value: train_loss, step },
    ...(validation_loss === null ? [] : [{ key: "validation_loss", value: validation_loss, step }]),
  ]);
}

function finalPoints(record: TrainRecord): TrainPlan["metrics"] {
  return (["validation", "test"] as const).flatMap((split) =>
    Object.entries(record.metrics[split]).map(([metric, value]) => ({
      key: `${split}_${metric}`,
      value,
      step: 0,
    })),
  );
}

function withIntervals(
  values: Readonly<Record<string, number>>,
  measured: Readonly<Record<string, Measured>> | undefined,
): Readonly<Record<string, Measured>> {
  return Object.fromEntries(
    Object.entries(values).map(([metric, value]) => {
      const known = measured?.[metric];
      const { lower = null, upper = null, baseline = null } = known ?? {};
      return [metric, { value, lower, upper, baseline }];
    }),
  );
}

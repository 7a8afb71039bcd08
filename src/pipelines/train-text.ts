import { toTable } from "../core/text-table.ts";
import type { ReportedMetric } from "./train-evaluate.ts";
import type { TrainResult } from "./train-stage.ts";

/** The result of a training for a person: metrics with intervals and baseline, and the decision. */
export function toTrainText({ record, metrics, decision, onnx, recordPath }: TrainResult): string {
  const percent = Math.round(metrics.test.confidence * 100);
  const rows = Object.entries(metrics.test.metrics).map(([name, metric]) => [
    name,
    digits(metrics.validation.metrics[name]?.value),
    digits(metric.value),
    interval(metric),
    digits(metric.baseline),
  ]);
  const { train, validation, test } = record.rows;
  const folder = recordPath.slice(0, recordPath.lastIndexOf("/"));
  return [
    `${record.model}: ${record.algorithm}, ${record.task}, ${train} rows trained, ${validation} validation, ${test} test`,
    `${record.training.steps} steps, the model is that of step ${record.training.best_step}`,
    "",
    toTable(["metric", "validation", "test", `${percent} % interval`, "baseline"], rows),
    "",
    `model.onnx scores as trained on all ${onnx.rows} test rows (${onnx.runtime}, largest difference ${onnx.maxDifference.toExponential(1)})`,
    `decision: ${decision.status}`,
    ...decision.reasons.map((reason) => `  ${reason}`),
    `files: ${folder}/model (MLmodel, model.onnx), ${folder}/metrics.json, ${folder}/plots`,
  ].join("\n");
}

function interval({ lower, upper }: ReportedMetric): string {
  return lower === null || upper === null ? "-" : `${digits(lower)} to ${digits(upper)}`;
}

function digits(value: number | null | undefined): string {
  if (value === null || value === undefined) return "-";
  return Math.abs(value) < 1000 ? value.toFixed(4) : value.toPrecision(7);
}

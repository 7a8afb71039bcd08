import { join, posix } from "node:path";
import { canonicalJson } from "../core/canonical-json.ts";
import type { Effects } from "../core/effects.ts";
import { DuetMindError } from "../core/errors.ts";
import { digestBytes } from "../core/hash.ts";
import { throwIfInterrupted } from "../core/interrupted.ts";
import { show } from "../core/parse.ts";
import { VERSION } from "../core/version.ts";
import { type Decision, decide } from "../models/decide.ts";
import type { FitResult } from "../models/learner.ts";
import { fitModel } from "../models/learners.ts";
import { type LabelledMatrix, takeRows } from "../models/matrix.ts";
import { toModelFiles } from "../models/mlmodel/model-folder.ts";
import { checkOnnx, ONNX_TOLERANCE, type OnnxCheck } from "../models/onnx/check-onnx.ts";
import { modelPlots } from "../models/plots/model-plots.ts";
import type { Predictor } from "../models/predictor.ts";
import { createScorer } from "../models/score.ts";
import { loadOnnxRuntime } from "../onnx/runtime.ts";
import { type Engine, openEngine } from "../table/engine.ts";
import type { Project } from "./project.ts";
import { readTrainData, rowsOfSplits, type TrainData } from "./train-data.ts";
import {
  evaluateModel,
  type MetricsReport,
  type ScoredSplit,
  scalarsOf,
} from "./train-evaluate.ts";
import { publishFolder, restoreFolder } from "./train-publish.ts";
import type { TrainRecord } from "./train-record.ts";
import { planTarget, type TargetPlan } from "./train-target.ts";

export type TrainResult = Readonly<{
  record: TrainRecord;
  /** Relative to the project: models/<name>/train.record.json. */
  recordPath: string;
  metrics: MetricsReport;
  decision: Decision;
  /** What differs between machines (which runtime, how close) is told, not recorded. */
  onnx: OnnxCheck;
}>;

/**
 * The train stage: data/processed → models/<name>. Fits on the training split with an eye on the
 * validation split, measures on validation and test, checks the exported model with ONNX Runtime,
 * decides, and puts the whole folder in place at once, its record included.
 */
export async function runTrain(project: Project, effects: Effects): Promise<TrainResult> {
  const folder = posix.join(project.params.data.models, project.params.model.name);
  await restoreFolder(join(project.root, folder));
  const engine = await openEngine();
  try {
    return await trainInto(folder, project, engine, effects);
  } finally {
    engine.close();
  }
}

async function trainInto(
  folder: string,
  project: Project,
  engine: Engine,
  effects: Effects,
): Promise<TrainResult> {
  const { model: params, thresholds } = project.params;
  const data = await readTrainData(project, engine, effects);
  const target = planTarget(data.target, data.view.target.type, params);
  const rows = rowsOfSplits(data.splits);
  const train = await labelled(data, target, "train", rows.train);
  checkClasses(target, train, data.target.name);
  const validation =
    rows.validation.length === 0
      ? null
      : await labelled(data, target, "validation", rows.validation);
  const fit = await fitWithProgress(project, target, train, validation, effects);
  const predictor: Predictor = {
    ...{ name: params.name, view: data.view, model: fit.model, classes: target.classes },
  };
  const test = await labelled(data, target, "test", rows.test);
  const scorer = createScorer(fit.model);
  const scored = (split: LabelledMatrix, of: Int32Array): ScoredSplit => {
    return { labels: split.labels, scores: scorer.probabilities(split.matrix), rows: of };
  };
  const onTest = scored(test, rows.test);
  const evaluated = evaluateModel({
    ...{ params, target, train, slices: data.slices, subjects: data.subjects, test: onTest },
    validation: scored(validation ?? takeNone(test), rows.validation),
  });
  const decision = decide(evaluated.test, thresholds);
  const modelFiles = toModelFiles(predictor, VERSION);
  const onnx = await checkOnnx(
    ...([modelFiles["model.onnx"]!, predictor, data.testInputs, onTest.scores] as const),
    await loadOnnxRuntime(),
  );
  throwIfInterrupted(effects.signal);
  const content = {
    ...reportFiles(fit, target, evaluated.report, onTest),
    ...Object.fromEntries(
      Object.entries(modelFiles).map(([name, bytes]) => [`model/${name}`, bytes]),
    ),
  };
  const record = toRecord({
    folder,
    project,
    data,
    target,
    rows,
    fit,
    metrics: evaluated.report,
    decision,
    onnx,
    content,
  });
  await publishFolder(effects.files, join(project.root, folder), {
    ...content,
    "train.record.json": json(record),
  });
  return {
    ...{
      record,
      recordPath: `${folder}/train.record.json`,
      metrics: evaluated.report,
      decision,
      onnx,
    },
  };
}

async function labelled(
  data: TrainData,
  target: TargetPlan,
  split: "train" | "validation" | "test",
  rows: Int32Array,
): Promise<LabelledMatrix> {
  const matrix = await data.readMatrix(split);
  return { matrix, labels: Float64Array.from(rows, (row) => target.labels[row]!) };
}

/** The rows of a split that has none. */
function takeNone({ matrix }: LabelledMatrix): LabelledMatrix {
  return { matrix: takeRows(matrix, []), labels: new Float64Array(0) };
}

/** A class without an example in the training split cannot be learned. */
function checkClasses(target: TargetPlan, train: LabelledMatrix, name: string): void {
  const seen = new Set(train.labels);
  const absent = target.classes.find((_, index) => !seen.has(index));
  if (absent === undefined && seen.size > 1) return;
  throw new DuetMindError(
    "TARGET_INVALID",
    `target ${name}: expected ${absent === undefined ? "different values" : `class ${show(absent)}`} in the training split, got ${
      absent === undefined ? "one value" : "no such row"
    }`,
    { hint: "set split.stratify: true in params.yaml, or bring more rows" },
  );
}

async function fitWithProgress(
  project: Project,
  target: TargetPlan,
  train: LabelledMatrix,
  validation: LabelledMatrix | null,
  effects: Effects,
): Promise<FitResult> {
  const task = effects.progress.start("train", undefined, "rounds");
  try {
    return await fitModel(project.params.model, {
      ...{ train, validation, task: target.task },
      classCount: Math.max(1, target.classes.length),
      onRound: () => task.advance(1),
      signal: effects.signal,
    });
  } catch (error) {
    throwIfInterrupted(effects.signal); // a learner that was stopped throws the signal's own reason
    throw error;
  } finally {
    task.done();
  }
}

function reportFiles(
  fit: FitResult,
  target: TargetPlan,
  metrics: MetricsReport,
  test: ScoredSplit,
): Record<string, Uint8Array> {
  const names = fit.model.featureNames;
  const measured = fit.importance.map(({ measure, values }) => ({
    measure,
    features: names.map((name, i) => ({ name, value: values[i]! })),
  }));
  const plots = modelPlots({
    ...{ task: target.task, classNames: target.classes.map(String), history: fit.history },
    ...{ bestStep: fit.bestStep, labels: test.labels, scores: test.scores },
    confusion: metrics.test.confusion_matrix,
    importance: measured[0]?.features ?? [],
    importanceMeasure: measured[0]?.measure ?? "gain",
  });
  return {
    "metrics.json": json({ schema_version: 1, ...metrics }),
    "history.json": json({ schema_version: 1, best_step: fit.bestStep, steps: historyOf(fit) }),
    "importance.json": json({ schema_version: 1, importance: measured }),
    ...Object.fromEntries(
      plots.flatMap(({ name, svg, data }) => [
        [`plots/${name}.svg`, new TextEncoder().encode(svg)],
        [`plots/${name}.json`, json(data)],
      ]),
    ),
  };
}

type RecordParts = Readonly<{
  folder: string;
  project: Project;
  data: TrainData;
  target: TargetPlan;
  rows: ReturnType<typeof rowsOfSplits>;
  fit: FitResult;
  metrics: MetricsReport;
  decision: Decision;
  onnx: OnnxCheck;
  content: Readonly<Record<string, Uint8Array>>;
}>;

function toRecord(parts: RecordParts): TrainRecord {
  const { folder, project, data, target, rows, fit, metrics, decision, onnx, content } = parts;
  const { model: params, thresholds } = project.params;
  return {
    ...{ schema_version: 1, stage: "train", duetmind: VERSION, model: params.name },
    ...{ algorithm: params.algorithm, task: target.task, seed: params.seed },
    target: {
      column: data.view.target.column,
      type: data.view.target.type,
      classes: target.classes.length === 0 ? null : [...target.classes],
    },
    params: { model: asJson(params), thresholds: asJson(thresholds) },
    inputs: [...data.files],
    feature_view: {
      name: data.view.name,
      feature_hash: data.view.feature_hash,
      fit_hash: data.view.fit_hash,
    },
    rows: { train: rows.train.length, validation: rows.validation.length, test: rows.test.length },
    training: { steps: fit.history.length, best_step: fit.bestStep, converged: fit.converged },
    history: historyOf(fit),
    metrics: { validation: scalarsOf(metrics.validation), test: scalarsOf(metrics.test) },
    onnx_check: { rows: onnx.rows, tolerance: ONNX_TOLERANCE },
    decision: { status: decision.status, reasons: [...decision.reasons] },
    model_folder: `${folder}/model`,
    artifacts: Object.keys(content)
      .sort()
      .map((name) => ({
        path: `${folder}/${name}`,
        sha256: digestBytes(content[name]!),
        size_bytes: content[name]!.length,
      })),
  };
}

function historyOf(fit: FitResult): TrainRecord["history"] {
  return fit.history.map(({ step, trainLoss, validationLoss }) => ({
    ...{ step, train_loss: trainLoss, validation_loss: validationLoss },
  }));
}

function json(value: unknown): Uint8Array {
  return new TextEncoder().encode(`${canonicalJson(value)}\n`);
}

/** A parsed section as plain JSON: what is undefined is left out. */
function asJson(section: object): TrainRecord["params"]["model"] {
  return JSON.parse(JSON.stringify(section));
}

import { join, posix } from "node:path";
import type { ObjectStore } from "../artifacts/object-store.ts";
import type { Effects } from "../core/effects.ts";
import { DuetMindError } from "../core/errors.ts";
import { parseFeatureView } from "../features/feature-view.ts";
import type { Matrix } from "../models/matrix.ts";
import { openModel } from "../models/mlmodel/open-model.ts";
import { scoreProbabilities } from "../models/score.ts";
import { openEngine } from "../table/engine.ts";
import type { Project } from "./project.ts";
import { readTrainData } from "./train-data.ts";
import type { TrainRecord } from "./train-record.ts";
import { IDENTICAL, type VerifiedLink } from "./verify-compare.ts";

/** Two models that agree so closely decide alike; ONNX in single precision is held to the same. */
const TOLERANCE = 1e-6;

/**
 * For a model whose bytes came out different: scores the test split with the stored and the rebuilt
 * model, and says of each differing file of the model whether it still means the same.
 */
export async function comparePredictions(
  links: readonly VerifiedLink[],
  recorded: TrainRecord,
  rebuilt: Project,
  store: ObjectStore,
  effects: Effects,
): Promise<VerifiedLink[]> {
  const stored = join(rebuilt.root, "stored-model");
  if (!(await restoreModel(recorded, stored, store))) return [...links];
  const test = await readTestMatrix(rebuilt, effects);
  const score = async (folder: string) =>
    scoreProbabilities((await openModel(folder, parseFeatureView, effects.files)).model, test);
  const then = await score(stored);
  const now = await score(join(rebuilt.root, recorded.model_folder));
  const difference = largestDifference(then, now);
  const words = `largest difference ${difference}`;
  const inModel = `model: ${posix.basename(recorded.model_folder)}/`;
  return links.map((link) => {
    if (link.verdict === IDENTICAL || !link.link.startsWith(inModel)) return link;
    const verdict =
      difference <= TOLERANCE ? `same predictions (${words})` : `${link.verdict} (${words})`;
    return { ...link, verdict };
  });
}

/** False when the store has lost the model: then there is nothing to score with. */
async function restoreModel(
  recorded: TrainRecord,
  folder: string,
  store: ObjectStore,
): Promise<boolean> {
  for (const { path, sha256 } of recorded.artifacts) {
    if (!path.startsWith(`${recorded.model_folder}/`)) continue;
    try {
      await store.copyTo(sha256, join(folder, posix.relative(recorded.model_folder, path)));
    } catch (error) {
      const code = error instanceof DuetMindError ? error.code : undefined;
      if (code !== "NOT_FOUND" && code !== "CHECKSUM_MISMATCH") throw error;
      return false;
    }
  }
  return true;
}

async function readTestMatrix(rebuilt: Project, effects: Effects): Promise<Matrix> {
  const engine = await openEngine();
  try {
    return await (await readTrainData(rebuilt, engine, effects)).readMatrix("test");
  } finally {
    engine.close();
  }
}

/** Infinite when the two are not predictions of one kind. */
export function largestDifference(a: Float64Array, b: Float64Array): number {
  if (a.length !== b.length) return Number.POSITIVE_INFINITY;
  return a.reduce((largest, value, i) => Math.max(largest, Math.abs(value - b[i]!)), 0);
}

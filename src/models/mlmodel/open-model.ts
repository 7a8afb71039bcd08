import { join } from "node:path";
import { z } from "zod";
import { DuetMindError } from "../../core/errors.ts";
import type { Files } from "../../core/files.ts";
import { type Digest, digestBytes, isDigest } from "../../core/hash.ts";
import { parseJson } from "../../core/json.ts";
import { parseWith } from "../../core/parse.ts";
import type { FeatureView } from "../../features/feature-view.ts";
import type { Predictor } from "../predictor.ts";
import { fromLearnerJson } from "./learner-file.ts";
import { CHECKSUMS_FILE } from "./model-folder.ts";

const checksums = z.record(
  z.string(),
  z.custom<Digest>(isDigest, "expected sha256:<64 hex digits>"),
);

/**
 * Opens a model folder that DuetMind wrote: verifies the files that are scored with, and reads them.
 * `parseView` is features' `parseFeatureView`, handed in because models do not import features.
 */
export async function openModel(
  folder: string,
  parseView: (input: unknown, subject: string) => FeatureView,
  files: Files,
): Promise<Predictor> {
  const listed = parseWith(
    checksums,
    parseJson(await files.readBytes(join(folder, CHECKSUMS_FILE)), CHECKSUMS_FILE),
    CHECKSUMS_FILE,
  );
  async function readVerified(name: string): Promise<unknown> {
    const bytes = await files.readBytes(join(folder, name));
    const digest = digestBytes(bytes);
    if (digest !== listed[name]) {
      throw new DuetMindError(
        "CHECKSUM_MISMATCH",
        `${join(folder, name)}: expected ${listed[name] ?? "a checksum in checksums.json"}, got ${digest}`,
        { file: join(folder, name), hint: "the file was changed after training; train again" },
      );
    }
    return parseJson(bytes, name);
  }
  const view = parseView(await readVerified("feature-view.json"), "feature-view.json");
  const { name, classes, model } = fromLearnerJson(await readVerified("learner.json"));
  const known = new Set(view.outputs.map((output) => output.name));
  const unknown = model.featureNames.find((feature) => !known.has(feature));
  if (
    unknown !== undefined ||
    classes.length !== (model.task === "regression" ? 0 : model.classCount)
  ) {
    throw new DuetMindError(
      "BAD_INPUT",
      `${folder}: expected learner.json to fit feature-view.json, got ${
        unknown === undefined ? `${classes.length} classes` : `the unknown feature "${unknown}"`
      }`,
    );
  }
  return { name, view, model, classes };
}

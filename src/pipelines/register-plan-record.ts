import { join } from "node:path";
import { checkDigest } from "../artifacts/digest-meter.ts";
import type { Effects } from "../core/effects.ts";
import { digestBytes } from "../core/hash.ts";
import { parseJson } from "../core/json.ts";
import { parseWith } from "../core/parse.ts";
import { parseFeatureView } from "../features/feature-view.ts";
import { dataRecord } from "./data-record.ts";
import { featuresRecord } from "./features-record.ts";
import type { BaseProject } from "./project.ts";
import { type RecordedFile, toPlannedFile } from "./register-file.ts";
import type { FoundRecord } from "./register-find.ts";
import { readIntervals } from "./register-intervals.ts";
import type { ImportPlan } from "./register-plan.ts";
import { planData } from "./register-plan-data.ts";
import { planFeatures } from "./register-plan-features.ts";
import { planTrain } from "./register-plan-train.ts";
import { trainRecord } from "./train-record.ts";

/** Reads a record by the schema of its stage, and says what to import. */
export async function planImport(
  project: BaseProject,
  record: FoundRecord,
  effects: Effects,
): Promise<ImportPlan> {
  const read = (file: RecordedFile) => readRecorded(project, file, effects);
  const content = parseJson(Buffer.from(record.text), record.path);
  switch (record.stage) {
    case "data":
      return planData(parseWith(dataRecord, content, record.path, { file: record.path }));
    case "features": {
      const features = parseWith(featuresRecord, content, record.path, { file: record.path });
      const { path } = features.feature_view;
      const view = parseFeatureView(parseJson(await read(features.feature_view), path), path);
      return planFeatures(features, view);
    }
    case "train": {
      const train = parseWith(trainRecord, content, record.path, { file: record.path });
      return planTrain(train, await readIntervals(train, read), record.path);
    }
  }
}

/** The bytes of a recorded file, if they are still those of the record. */
async function readRecorded(
  project: BaseProject,
  file: RecordedFile,
  effects: Effects,
): Promise<Uint8Array> {
  const { path, digest } = toPlannedFile(file);
  const bytes = await effects.files.readBytes(join(project.root, path));
  checkDigest(path, digest, digestBytes(bytes));
  return bytes;
}

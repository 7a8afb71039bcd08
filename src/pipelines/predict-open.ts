import { existsSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import type { Effects } from "../core/effects.ts";
import type { Environment } from "../core/environment.ts";
import { DuetMindError } from "../core/errors.ts";
import { parseFeatureView } from "../features/feature-view.ts";
import { openModel } from "../models/mlmodel/open-model.ts";
import type { Predictor } from "../models/predictor.ts";
import type { SourceParams } from "../sources/params.ts";
import type { BucketAccess } from "../sources/with-files.ts";
import type { CsvParams } from "../table/source-params.ts";
import { type BaseProject, loadBaseProject } from "./project.ts";
import { resolveModelVersion } from "./register-resolve.ts";

export type OpenedModel = Readonly<{
  /** NAME@VERSION, or the folder that was named. */
  label: string;
  predictor: Predictor;
  /** How the project's own CSV files are written; undefined outside a project. */
  csv: CsvParams | undefined;
  /** How buckets are reached: as for the project's own data. */
  bucket: BucketAccess;
}>;

/** Opens a registered version by its name, or a model folder by its path; either is verified. */
export async function openPredictor(
  reference: string,
  cwd: string,
  env: Environment,
  effects: Effects,
): Promise<OpenedModel> {
  const folder = resolve(cwd, reference);
  if (existsSync(join(folder, "MLmodel"))) {
    const predictor = await openModel(folder, parseFeatureView, effects.files);
    return { label: basename(folder), predictor, csv: undefined, bucket: { connection: {}, env } };
  }
  if (/[/\\]/.test(reference)) {
    // no model name has a slash
    throw new DuetMindError(
      "FILE_NOT_FOUND",
      `${reference}: expected a model folder with an MLmodel file, got none`,
      { file: reference, hint: "train one with: duetmind train" },
    );
  }
  const project = await loadBaseProject(cwd, env, effects);
  const resolved = await resolveModelVersion(project, reference, effects);
  const source = baseSource(project);
  return {
    label: `${resolved.name}@${resolved.version}`,
    predictor: await openModel(resolved.folder, parseFeatureView, effects.files),
    csv: source?.csv,
    bucket: { connection: source?.s3 ?? {}, env: project.env },
  };
}

/** A file to score is taken to be written, and a bucket to be reached, as the project's base source is. */
function baseSource({ params }: BaseProject): SourceParams | undefined {
  const names = Object.keys(params.sources);
  const name = params.features?.source ?? (names.length === 1 ? names[0] : undefined);
  return name === undefined ? undefined : params.sources[name];
}

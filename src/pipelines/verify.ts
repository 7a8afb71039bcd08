import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, posix } from "node:path";
import { openObjectStore } from "../artifacts/open-object-store.ts";
import type { Effects } from "../core/effects.ts";
import { DuetMindError } from "../core/errors.ts";
import { digestFile } from "../core/hash.ts";
import { silentProgress } from "../core/progress.ts";
import { VERSION } from "../core/version.ts";
import type { FeaturesRecord } from "./features-record.ts";
import { runFeatures } from "./features-stage.ts";
import type { BaseProject } from "./project.ts";
import { withDatabase } from "./register-database.ts";
import { parseVersionReference, requireModelVersion } from "./register-resolve.ts";
import type { TrainRecord } from "./train-record.ts";
import { runTrain } from "./train-stage.ts";
import {
  type ComparedFile,
  compareFiles,
  IDENTICAL,
  overallVerdict,
  type VerifiedLink,
} from "./verify-compare.ts";
import { type RecordedLineage, readLineage } from "./verify-lineage.ts";
import { comparePredictions } from "./verify-predictions.ts";
import { planRebuild, restoreDatasets } from "./verify-project.ts";

export type Verification = Readonly<{
  model: string;
  version: number;
  verdict: string;
  links: readonly VerifiedLink[];
}>;

/**
 * Rebuilds a model version from its recorded lineage in a temporary folder, raw bytes → features →
 * model, and compares the SHA-256 of every file with what was recorded then.
 */
export async function verifyModel(
  project: BaseProject,
  reference: string,
  effects: Effects,
): Promise<Verification> {
  const parsed = parseVersionReference(reference);
  const { row, lineage } = await withDatabase(project, effects, async (db) => {
    const found = await requireModelVersion(db, parsed);
    return { row: found, lineage: await readLineage(db, found) };
  });
  const root = await mkdtemp(join(tmpdir(), "duetmind-verify-"));
  try {
    const links = await rebuildAndCompare(project, lineage, root, effects);
    return { model: row.name, version: row.version, verdict: overallVerdict(links), links };
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

async function rebuildAndCompare(
  project: BaseProject,
  lineage: RecordedLineage,
  root: string,
  effects: Effects,
): Promise<VerifiedLink[]> {
  const rebuilt = planRebuild(project, lineage, root);
  const store = openObjectStore(project.params.artifacts, project.root, project.env, effects);
  const sources = compareSources(project, lineage);
  const data = await restoreDatasets(rebuilt, lineage, store, effects);
  if (!isIntact(data)) return [...sources, ...data];
  const quiet = { ...effects, progress: silentProgress };

  const task = effects.progress.start("rebuild", 2, "stages");
  const features = await rebuildStage("features", async () => {
    const { record } = await runFeatures(rebuilt, quiet);
    return compareFiles("features", featureFiles(lineage.features), featureFiles(record));
  });
  task.advance(1);
  const same = features.every(({ verdict }) => verdict === IDENTICAL || verdict === OTHER_WRITER);
  if (!same) {
    task.done("the features differ");
    return [...sources, ...data, ...codeLink(lineage.features.duetmind, features), ...features];
  }
  const model = await rebuildStage("model", async () => {
    const { record } = await runTrain(rebuilt, quiet);
    const links = compareFiles("model", modelFiles(lineage.train), modelFiles(record));
    return isIntact(links)
      ? links
      : comparePredictions(links, lineage.train, rebuilt, store, quiet);
  });
  task.done();
  const code = codeLink(lineage.train.duetmind, [...features, ...model]);
  return [...sources, ...data, ...code, ...features, ...model];
}

const OTHER_WRITER = "same content, other writer";

/** A stage that now refuses what it once made is a broken link; a full disk or Ctrl-C is not. */
async function rebuildStage(
  stage: string,
  rebuild: () => Promise<VerifiedLink[]>,
): Promise<VerifiedLink[]> {
  try {
    return await rebuild();
  } catch (error) {
    if (!(error instanceof DuetMindError) || error.exitCode === 3) throw error;
    const verdict = `differs at ${stage}: ${error.message}`;
    return [{ link: stage, expected: null, got: null, verdict }];
  }
}

/** The files that were ingested, where this project still has them. */
function compareSources(project: BaseProject, lineage: RecordedLineage): VerifiedLink[] {
  return lineage.datasets.flatMap(({ dataset }) =>
    dataset.sources.flatMap(({ path, sha256 }) => {
      const present = join(project.root, path);
      if (!existsSync(present)) return [];
      const got = digestFile(present).digest;
      const verdict = got === sha256 ? IDENTICAL : `data changed: ${path} is another file now`;
      return [{ link: `source: ${path}`, expected: sha256, got, verdict }];
    }),
  );
}

/** Names the version only where something differs: it is then the likely reason. */
function codeLink(recorded: string, links: readonly VerifiedLink[]): VerifiedLink[] {
  if (recorded === VERSION || isIntact(links)) return [];
  return [{ link: "code", expected: recorded, got: VERSION, verdict: "code version differs" }];
}

function featureFiles(record: FeaturesRecord): ComparedFile[] {
  const { path, sha256 } = record.feature_view;
  return [
    ...record.outputs.map((output) => ({
      name: posix.basename(output.path),
      sha256: output.sha256,
      content: output.data_digest,
    })),
    { name: posix.basename(path), sha256 },
  ];
}

function modelFiles(record: TrainRecord): ComparedFile[] {
  const folder = posix.dirname(record.model_folder);
  return record.artifacts.map(({ path, sha256 }) => ({
    name: posix.relative(folder, path),
    sha256,
  }));
}

function isIntact(links: readonly VerifiedLink[]): boolean {
  return links.every(({ verdict }) => verdict === IDENTICAL);
}

import { join, posix } from "node:path";
import type { ObjectStore } from "../artifacts/object-store.ts";
import type { Effects } from "../core/effects.ts";
import { DuetMindError } from "../core/errors.ts";
import { publishContent } from "../core/files.ts";
import type { Digest } from "../core/hash.ts";
import type { RebuildSource } from "../registry/rebuild-queries.ts";
import type { FeaturesRecord } from "./features-record.ts";
import { parseParams } from "./params.ts";
import type { Project } from "./project.ts";
import type { TrainRecord } from "./train-record.ts";
import type { VerifiedLink } from "./verify-compare.ts";
import { IDENTICAL } from "./verify-compare.ts";

export type RebuildRecords = Readonly<{ train: TrainRecord; features: FeaturesRecord }>;

/**
 * A project in a temporary folder that holds nothing but what was recorded: the settings of the stages
 * and where they found and put their files. What the present params.yaml says plays no part.
 */
export function planRebuild(
  project: Project,
  records: RebuildRecords,
  recordPaths: Readonly<{ features: string; train: string }>,
  root: string,
): Project {
  const { train, features } = records;
  const [input] = features.inputs;
  const values = {
    data: {
      raw: input === undefined ? project.params.data.raw : posix.dirname(input.path),
      processed: posix.dirname(recordPaths.features),
      models: posix.dirname(posix.dirname(recordPaths.train)),
    },
    sources: project.params.sources,
    features: features.params.features,
    split: features.params.split,
    model: train.params.model,
    thresholds: train.params.thresholds,
  };
  return { ...project, root, params: parseParams(values), origins: new Map() };
}

/** Puts the bytes that the lineage begins with into the temporary folder, a verdict for each. */
export async function restoreDatasets(
  rebuilt: Project,
  source: RebuildSource,
  store: ObjectStore,
  effects: Effects,
): Promise<VerifiedLink[]> {
  const links: VerifiedLink[] = [];
  for (const dataset of source.datasets) {
    const target = join(rebuilt.root, dataset.filePath);
    links.push(
      await restore(
        `data: ${dataset.name}@${dataset.version}`,
        dataset.contentSha256,
        target,
        store,
      ),
    );
    const record = join(rebuilt.root, posix.dirname(dataset.filePath), "data.record.json");
    await publishContent(effects.files, record, dataset.record.text);
  }
  return links;
}

async function restore(
  link: string,
  digest: Digest,
  target: string,
  store: ObjectStore,
): Promise<VerifiedLink> {
  try {
    await store.copyTo(digest, target);
    return { link, expected: digest, got: digest, verdict: IDENTICAL };
  } catch (error) {
    const code = error instanceof DuetMindError ? error.code : undefined;
    if (code !== "NOT_FOUND" && code !== "CHECKSUM_MISMATCH") throw error;
    const what =
      code === "NOT_FOUND" ? "the stored bytes are missing" : "the stored bytes were altered";
    return { link, expected: digest, got: null, verdict: `data changed: ${what}` };
  }
}

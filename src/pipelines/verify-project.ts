import { join, posix } from "node:path";
import type { ObjectStore } from "../artifacts/object-store.ts";
import type { Effects } from "../core/effects.ts";
import { DuetMindError } from "../core/errors.ts";
import { publishContent } from "../core/files.ts";
import type { Digest } from "../core/hash.ts";
import type { DatasetRecord } from "./data-record.ts";
import { parseParams } from "./params.ts";
import type { BaseProject, Project } from "./project.ts";
import { IDENTICAL, type VerifiedLink } from "./verify-compare.ts";
import type { RecordedLineage } from "./verify-lineage.ts";

/**
 * A project in another folder that knows nothing but what was recorded: the settings of the stages and
 * where they found and put their files. What the present params.yaml says plays no part.
 */
export function planRebuild(project: BaseProject, lineage: RecordedLineage, root: string): Project {
  const { train, features, datasets } = lineage;
  const [input] = features.inputs;
  const values = {
    data: {
      raw: input === undefined ? project.params.data.raw : rawFolderOf(input.path),
      processed: posix.dirname(features.feature_view.path),
      models: posix.dirname(posix.dirname(train.model_folder)),
    },
    sources: Object.fromEntries(datasets.map(({ dataset }) => [dataset.name, sourceOf(dataset)])),
    contracts: {
      raw: Object.fromEntries(contractsOf(lineage).map(({ name, path }) => [name, path])),
    },
    features: features.params.features,
    split: features.params.split,
    model: train.params.model,
    thresholds: train.params.thresholds,
  };
  return { ...project, root, params: parseParams(values), origins: new Map() };
}

/** data/raw, of data/raw/visits.parquet and of data/raw/visits/manifest.json. */
function rawFolderOf(path: string): string {
  const folder = posix.dirname(path);
  return path.endsWith(".json") ? posix.dirname(folder) : folder;
}

function sourceOf(dataset: DatasetRecord) {
  return {
    path: dataset.path,
    ...(dataset.key === null ? {} : { key: dataset.key }),
    // its manifest says the rest: where the rows are, not how they came
    ...(dataset.parts === undefined ? {} : { incremental: {} }),
  };
}

/** A raw contract decides too: what it calls sensitive shows no example in the feature view. */
function contractsOf(lineage: RecordedLineage) {
  return lineage.datasets.flatMap(({ dataset: { name, contract } }) =>
    contract === null ? [] : [{ name, path: contract.path, sha256: contract.sha256 }],
  );
}

/** Puts the bytes that the lineage begins with into the folder, with a verdict for each. */
export async function restoreDatasets(
  rebuilt: Project,
  lineage: RecordedLineage,
  store: ObjectStore,
  effects: Effects,
): Promise<VerifiedLink[]> {
  const links: VerifiedLink[] = [];
  for (const { dataset, version } of lineage.datasets) {
    const link = `data: ${dataset.name}@${version}`;
    const target = join(rebuilt.root, dataset.path);
    links.push(await restore(link, dataset.sha256, target, store));
    for (const { path, sha256 } of dataset.parts ?? []) {
      const part = `${link}: ${posix.basename(path)}`;
      links.push(await restore(part, sha256, join(rebuilt.root, path), store));
    }
  }
  for (const { path, sha256 } of contractsOf(lineage)) {
    links.push(await restore(`contract: ${path}`, sha256, join(rebuilt.root, path), store));
  }
  const [first] = lineage.datasets;
  if (first !== undefined) {
    const record = join(rebuilt.root, rawFolderOf(first.dataset.path), "data.record.json");
    await publishContent(effects.files, record, lineage.dataRecordText);
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
    const what = code === "NOT_FOUND" ? "missing" : "altered";
    return {
      link,
      expected: digest,
      got: null,
      verdict: `data changed: the stored bytes are ${what}`,
    };
  }
}

import { isAbsolute, join } from "node:path";
import type { Effects } from "../core/effects.ts";
import { DuetMindError } from "../core/errors.ts";
import type { Digest } from "../core/hash.ts";
import { parseJson } from "../core/json.ts";
import { compareViews } from "../features/compare-views.ts";
import { featureHash, fitHash } from "../features/feature-hash.ts";
import { type FeatureView, parseFeatureView } from "../features/feature-view.ts";
import { dataDigest } from "../table/data-digest.ts";
import { openEngine } from "../table/engine.ts";
import { schemaHash } from "../table/schema-hash.ts";
import { openSource } from "../table/source.ts";

/** What identifies a file: null where a hash has no meaning for it. */
export type FeatureHashes = Readonly<{
  file: string;
  feature_hash: Digest | null;
  fit_hash: Digest | null;
  schema_hash: Digest | null;
  data_digest: Digest | null;
}>;

/** The hashes of a feature-view.json, computed from its content, or of a data file. */
export async function hashFile(
  cwd: string,
  file: string,
  effects: Effects,
): Promise<FeatureHashes> {
  if (isViewFile(file)) {
    const view = await readView(cwd, file, effects);
    return {
      file,
      feature_hash: featureHash(view.definition),
      fit_hash: fitHash(view),
      schema_hash: schemaHash(view.outputs.map(({ name }) => ({ name, type: "float64" }))),
      data_digest: null,
    };
  }
  const data = await hashData(cwd, file);
  return { file, feature_hash: null, fit_hash: null, ...data };
}

/** The hashes of what the features stage made: of the view, and of the table of features. */
export async function hashProcessed(
  root: string,
  folder: string,
  effects: Effects,
): Promise<FeatureHashes> {
  const view = await hashFile(root, `${folder}/feature-view.json`, effects);
  const { data_digest } = await hashData(root, `${folder}/features.parquet`);
  return { ...view, file: folder, data_digest };
}

export type HashComparison = Readonly<{
  same: boolean;
  a: FeatureHashes;
  b: FeatureHashes;
  differences: readonly Readonly<{ kind: string; name: string; message: string }>[];
}>;

/** Explains in words how two feature views, or two data files, differ. */
export async function compareFiles(
  cwd: string,
  files: readonly [string, string],
  effects: Effects,
): Promise<HashComparison> {
  const [a, b] = [await hashFile(cwd, files[0], effects), await hashFile(cwd, files[1], effects)];
  if (isViewFile(files[0]) !== isViewFile(files[1])) {
    throw new DuetMindError(
      "USAGE",
      `hash-features --compare: expected two feature views or two data files, got ${files.join(" and ")}`,
    );
  }
  const differences = isViewFile(files[0])
    ? compareViews(await readView(cwd, files[0], effects), await readView(cwd, files[1], effects))
    : await compareData(cwd, files, a.data_digest === b.data_digest);
  return { same: differences.length === 0, a, b, differences };
}

function isViewFile(file: string): boolean {
  return /\.json$/i.test(file) && /feature-view/i.test(file);
}

async function readView(cwd: string, file: string, effects: Effects): Promise<FeatureView> {
  return parseFeatureView(parseJson(await effects.files.readBytes(at(cwd, file)), file), file);
}

async function hashData(
  cwd: string,
  file: string,
): Promise<Pick<FeatureHashes, "schema_hash" | "data_digest">> {
  const engine = await openEngine();
  try {
    const relation = await openSource(engine, { path: at(cwd, file) });
    return {
      schema_hash: schemaHash(relation.columns),
      data_digest: await dataDigest(engine, relation),
    };
  } finally {
    engine.close();
  }
}

async function compareData(cwd: string, files: readonly [string, string], sameData: boolean) {
  const engine = await openEngine();
  try {
    const a = await openSource(engine, { path: at(cwd, files[0]) });
    const b = await openSource(engine, { path: at(cwd, files[1]) });
    const types = [a, b].map(
      ({ columns }) => new Map(columns.map(({ name, type }) => [name, type] as const)),
    ) as [Map<string, string>, Map<string, string>];
    const names = [...new Set([...types[0].keys(), ...types[1].keys()])];
    const differences = names.flatMap((name) => {
      const [before, after] = [types[0].get(name), types[1].get(name)];
      if (before === after) return [];
      const change =
        before === undefined
          ? `was added (${after})`
          : after === undefined
            ? "was removed"
            : `: ${before} became ${after}`;
      return [{ kind: "column", name, message: `column "${name}" ${change}`.replace(" :", ":") }];
    });
    if (a.rowCount !== b.rowCount) {
      const message = `rows: ${a.rowCount} became ${b.rowCount}`;
      differences.push({ kind: "rows", name: "rows", message });
    }
    if (differences.length === 0 && !sameData) {
      const moved = a.columns.some(({ name }, i) => b.columns[i]?.name !== name);
      const message = moved ? "the columns stand in another order" : "values or their order differ";
      differences.push({ kind: "values", name: "values", message });
    }
    return differences;
  } finally {
    engine.close();
  }
}

function at(cwd: string, file: string): string {
  return isAbsolute(file) ? file : join(cwd, file);
}

import { dirname, join } from "node:path";
import type { Effects } from "../core/effects.ts";
import { DuetMindError } from "../core/errors.ts";
import { type Digest, digestFile, digestJson } from "../core/hash.ts";
import { VERSION } from "../core/version.ts";
import type { IncrementalParams } from "../sources/incremental-params.ts";
import { originOf, type SourceType, sourceTypeOf } from "../sources/origin.ts";
import type { SourceParams } from "../sources/params.ts";
import { type LocalFile, syncSource } from "../sources/sync-source.ts";
import type { Engine } from "../table/engine.ts";
import { commonFormat } from "../table/source-files.ts";
import type { DataFormat } from "../table/source-params.ts";
import type { DatasetRecord } from "./data-record.ts";
import { checkGrowth, sinceOf } from "./increment-plan.ts";
import type { BaseProject } from "./project.ts";
import { findMissing, type RawManifest, readManifest } from "./raw-manifest.ts";
import { rawPath } from "./raw-relation.ts";

export type PlannedDataset = Readonly<{
  name: string;
  params: SourceParams;
  /** What messages call the source. */
  subject: string;
  sourceType: SourceType;
  /** In the order of their rows. */
  files: readonly LocalFile[];
  format: DataFormat;
  /** The raw Parquet file, or the manifest of its parts, relative to the project. */
  output: string;
  contract: Readonly<{ path: string; absolutePath: string; sha256: Digest }> | null;
  growth: Growth | null;
}>;

/** How a dataset that grows stands before an ingest. */
export type Growth = Readonly<{
  params: IncrementalParams;
  /** Absolute path of the folder of its manifest and parts. */
  folder: string;
  /** Null before the first ingest, and for a full refresh. */
  manifest: RawManifest | null;
  /** The watermark that the source was asked from; null for everything. */
  since: string | null;
}>;

export type GrowingDataset = PlannedDataset & Readonly<{ growth: Growth }>;

export type PlanOptions = Readonly<{
  /** Forgets what datasets hold and reads their sources from the beginning. */
  fullRefresh?: boolean;
}>;

export type SourceDigest = DatasetRecord["sources"][number];

/** What an ingest of one source reads and writes; fetches what is remote. */
export async function planDataset(
  project: BaseProject,
  engine: Engine,
  name: string,
  effects: Effects,
  options: PlanOptions = {},
): Promise<PlannedDataset> {
  const { root, env } = project;
  const { sources, contracts } = project.params;
  const params = sources[name]!;
  const folder = join(root, ".duetmind/sources", name);
  const output = rawPath(project.params, name);
  const growth = await planGrowth(project, engine, name, output, effects, options);
  const since = growth?.since ?? null;
  const sinceColumn = growth?.params.watermark ?? null;
  const request = { name, params, root, env, engine, folder, since, sinceColumn };
  const { files, format } = await syncSource(request, effects);
  return {
    name,
    params,
    subject: originOf(params),
    sourceType: sourceTypeOf(name, params, env),
    files,
    format: commonFormat(files, format ?? params.format),
    output,
    contract: planContract(project, contracts.raw[name]),
    growth,
  };
}

async function planGrowth(
  project: BaseProject,
  engine: Engine,
  name: string,
  output: string,
  effects: Effects,
  { fullRefresh = false }: PlanOptions,
): Promise<Growth | null> {
  const source = project.params.sources[name]!;
  const params = source.incremental;
  if (params === undefined) return null;
  const path = join(project.root, output);
  const manifest = fullRefresh ? null : await readManifest(path, effects);
  checkGrowth(name, source, params, manifest);
  if (manifest !== null) checkParts(dirname(path), manifest);
  const since = await sinceOf(engine, name, params, manifest);
  return { params, folder: dirname(path), manifest, since };
}

function checkParts(folder: string, manifest: RawManifest): void {
  const missing = findMissing(folder, manifest);
  if (missing === undefined) return;
  const file = join(folder, missing.file);
  throw new DuetMindError(
    "FILE_NOT_FOUND",
    `${file}: expected the part that the manifest names, got none or another`,
    {
      file,
      hint: "restore it (dvc checkout), or read everything again with: duetmind data --full-refresh",
    },
  );
}

function planContract(project: BaseProject, path: string | undefined): PlannedDataset["contract"] {
  if (path === undefined) return null;
  const absolutePath = join(project.root, path);
  return { path, absolutePath, sha256: digestFile(absolutePath).digest };
}

/** A source file as the record names it. */
export function toSourceDigest(
  planned: PlannedDataset,
  file: LocalFile,
  digest: Digest,
  sizeBytes: number,
): SourceDigest {
  return { path: file.name, format: planned.format, sha256: digest, size_bytes: sizeBytes };
}

/** What a dataset was made of, as its record says it. */
export function recordOrigin(
  planned: PlannedDataset,
  sources: readonly SourceDigest[],
): Pick<DatasetRecord, "source_type" | "sources" | "input_digest"> {
  const { sourceType } = planned;
  return {
    ...(sourceType === "file" ? {} : { source_type: sourceType }),
    sources: [...sources],
    input_digest: toInputDigest(planned, sources),
  };
}

/** Digest of all that decides a dataset: by content alone, never by the time or state of a file. */
export function toInputDigest(planned: PlannedDataset, sources: readonly SourceDigest[]): Digest {
  return digestJson({
    duetmind: VERSION,
    params: planned.params,
    sources,
    contract: planned.contract?.sha256 ?? null,
  });
}

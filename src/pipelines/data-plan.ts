import { join } from "node:path";
import type { Effects } from "../core/effects.ts";
import { type Digest, digestFile, digestJson } from "../core/hash.ts";
import { VERSION } from "../core/version.ts";
import type { SourceParams } from "../sources/params.ts";
import { type LocalFile, syncSource } from "../sources/sync-source.ts";
import type { Engine } from "../table/engine.ts";
import { formatOf } from "../table/source-files.ts";
import type { DataFormat } from "../table/source-params.ts";
import type { DatasetRecord } from "./data-record.ts";
import type { Project } from "./project.ts";

export type PlannedDataset = Readonly<{
  name: string;
  params: SourceParams;
  /** In the order of their rows. */
  files: readonly LocalFile[];
  format: DataFormat;
  /** The raw Parquet file, relative to the project. */
  output: string;
  contract: Readonly<{ path: string; absolutePath: string; sha256: Digest }> | null;
}>;

export type SourceDigest = DatasetRecord["sources"][number];

/** What an ingest reads and writes, by dataset, in the order of params.yaml; fetches what is remote. */
export async function planData(
  project: Project,
  engine: Engine,
  effects: Effects,
): Promise<PlannedDataset[]> {
  const { root, env } = project;
  const { sources, contracts, data } = project.params;
  const planned: PlannedDataset[] = [];
  for (const [name, params] of Object.entries(sources)) {
    const folder = join(root, ".duetmind/sources", name);
    const request = { name, params, root, env, engine, folder, since: null };
    const { files, format } = await syncSource(request, effects);
    planned.push({
      name,
      params,
      files,
      format: format ?? params.format ?? formatOf(files[0]!.path),
      output: `${data.raw}/${name}.parquet`,
      contract: planContract(project, contracts.raw[name]),
    });
  }
  return planned;
}

function planContract(project: Project, path: string | undefined): PlannedDataset["contract"] {
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

/** Digest of all that decides a dataset: by content alone, never by the time or state of a file. */
export function toInputDigest(planned: PlannedDataset, sources: readonly SourceDigest[]): Digest {
  return digestJson({
    duetmind: VERSION,
    params: planned.params,
    sources,
    contract: planned.contract?.sha256 ?? null,
  });
}

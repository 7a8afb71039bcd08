import { join, relative, sep } from "node:path";
import { type Digest, digestFile, digestJson } from "../core/hash.ts";
import { VERSION } from "../core/version.ts";
import type { Engine } from "../table/engine.ts";
import { formatOf, listFiles } from "../table/source-files.ts";
import type { SourceParams } from "../table/source-params.ts";
import type { DatasetRecord } from "./data-record.ts";
import type { Project } from "./project.ts";

export type PlannedDataset = Readonly<{
  name: string;
  params: SourceParams;
  /** Absolute paths, sorted. */
  files: readonly string[];
  /** The raw Parquet file, relative to the project. */
  output: string;
  contract: Readonly<{ path: string; absolutePath: string; sha256: Digest }> | null;
}>;

export type SourceDigest = DatasetRecord["sources"][number];

/** What an ingest reads and writes, by dataset, in the order of params.yaml. */
export async function planData(project: Project, engine: Engine): Promise<PlannedDataset[]> {
  const { sources, contracts, data } = project.params;
  const planned: PlannedDataset[] = [];
  for (const [name, params] of Object.entries(sources)) {
    planned.push({
      name,
      params,
      files: await listFiles(engine, join(project.root, params.path)),
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
  project: Project,
  planned: PlannedDataset,
  file: string,
  digest: Digest,
  sizeBytes: number,
): SourceDigest {
  return {
    path: relative(project.root, file).split(sep).join("/"),
    format: planned.params.format ?? formatOf(file),
    sha256: digest,
    size_bytes: sizeBytes,
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

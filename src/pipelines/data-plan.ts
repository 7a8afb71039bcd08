import { join, relative, sep } from "node:path";
import { type Digest, digestFile, digestJson } from "../core/hash.ts";
import { VERSION } from "../core/version.ts";
import type { Engine } from "../table/engine.ts";
import { formatOf, listFiles } from "../table/source-files.ts";
import type { DataFormat, SourceParams } from "../table/source-params.ts";
import type { Project } from "./project.ts";

export type PlannedSource = Readonly<{
  path: string;
  absolutePath: string;
  format: DataFormat;
  sha256: Digest;
  size_bytes: number;
}>;

export type PlannedDataset = Readonly<{
  name: string;
  params: SourceParams;
  files: readonly PlannedSource[];
  /** Relative to the project. */
  output: string;
  contract: Readonly<{ path: string; absolutePath: string; sha256: Digest }> | null;
  inputDigest: Digest;
}>;

/** What an ingest would read, by content: nothing is decided by the time or the state of a file. */
export async function planData(project: Project, engine: Engine): Promise<PlannedDataset[]> {
  const { sources, contracts, data } = project.params;
  const planned: PlannedDataset[] = [];
  for (const [name, params] of Object.entries(sources)) {
    const paths = await listFiles(engine, join(project.root, params.path));
    const files = paths.map((absolutePath): PlannedSource => {
      const { digest, sizeBytes } = digestFile(absolutePath);
      const format = params.format ?? formatOf(absolutePath);
      const path = toProjectPath(project, absolutePath);
      return { path, absolutePath, format, sha256: digest, size_bytes: sizeBytes };
    });
    const contract = planContract(project, contracts.raw[name]);
    const inputDigest = digestJson({
      duetmind: VERSION,
      params,
      files: files.map(({ path, sha256 }) => [path, sha256]),
      contract: contract?.sha256 ?? null,
    });
    planned.push({
      name,
      params,
      files,
      output: `${data.raw}/${name}.parquet`,
      contract,
      inputDigest,
    });
  }
  return planned;
}

function planContract(project: Project, path: string | undefined): PlannedDataset["contract"] {
  if (path === undefined) return null;
  const absolutePath = join(project.root, path);
  return { path, absolutePath, sha256: digestFile(absolutePath).digest };
}

function toProjectPath(project: Project, absolutePath: string): string {
  return relative(project.root, absolutePath).split(sep).join("/");
}

import { existsSync } from "node:fs";
import { join } from "node:path";
import type { SourceFile } from "../table/source.ts";
import type { Project } from "./project.ts";

/** A contract of params.yaml and the data that it is for. */
export type ContractTarget = Readonly<{
  name: string;
  /** Relative to the project, as params.yaml has it. */
  contract: string;
  source: SourceFile;
  /** The command that makes the data when it is not there yet; undefined when it is. */
  missing: string | undefined;
}>;

/** Every contract of the project: a raw one holds for data/raw, or for the source before the first ingest. */
export function contractTargets(project: Project): ContractTarget[] {
  const { contracts, data, sources } = project.params;
  const targets = Object.entries(contracts.raw).map(([name, contract]): ContractTarget => {
    const raw = join(project.root, data.raw, `${name}.parquet`);
    if (existsSync(raw)) return { name, contract, source: { path: raw }, missing: undefined };
    const source = sources[name];
    const path = join(project.root, source?.path ?? join(data.raw, `${name}.parquet`));
    const missing = source === undefined ? "duetmind data" : undefined;
    return { name, contract, source: { ...source, path }, missing };
  });
  for (const name of ["features", "labels"] as const) {
    const contract = contracts[name];
    if (contract === undefined) continue;
    const path = join(project.root, data.processed, `${name}.parquet`);
    const missing = existsSync(path) ? undefined : "duetmind features";
    targets.push({ name, contract, source: { path }, missing });
  }
  return targets;
}

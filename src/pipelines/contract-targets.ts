import { existsSync } from "node:fs";
import { join } from "node:path";
import { isS3Address } from "../artifacts/s3-address.ts";
import type { Effects } from "../core/effects.ts";
import type { Engine } from "../table/engine.ts";
import type { Relation } from "../table/relation.ts";
import { openSource } from "../table/source.ts";
import type { Project } from "./project.ts";
import { openRaw, rawPath } from "./raw-relation.ts";

/** A contract of params.yaml and the data that it is for. */
export type ContractTarget = Readonly<{
  name: string;
  /** Relative to the project, as params.yaml has it. */
  contract: string;
  open(engine: Engine, effects: Effects): Promise<Relation>;
  /** The command that makes the data when it is not there yet; undefined when it is. */
  missing: string | undefined;
}>;

/** Every contract of the project: a raw one holds for data/raw, or for a source of files before the first ingest. */
export function contractTargets(project: Project): ContractTarget[] {
  const { contracts, data } = project.params;
  const targets = Object.entries(contracts.raw).map(([name, contract]) =>
    rawTarget(project, name, contract),
  );
  for (const name of ["features", "labels"] as const) {
    const contract = contracts[name];
    if (contract === undefined) continue;
    const path = join(project.root, data.processed, `${name}.parquet`);
    const missing = existsSync(path) ? undefined : "duetmind features";
    targets.push({ name, contract, open: (engine) => openSource(engine, { path }), missing });
  }
  return targets;
}

function rawTarget(project: Project, name: string, contract: string): ContractTarget {
  const source = project.params.sources[name];
  const raw = join(project.root, rawPath(project.params, name));
  if (existsSync(raw) || source?.path === undefined || isS3Address(source.path)) {
    const missing = existsSync(raw) ? undefined : "duetmind data";
    const open: ContractTarget["open"] = async (engine, effects) =>
      (await openRaw(engine, project, name, effects)).relation;
    return { name, contract, open, missing };
  }
  const path = join(project.root, source.path);
  const open: ContractTarget["open"] = (engine) => openSource(engine, { ...source, path });
  return { name, contract, open, missing: undefined };
}

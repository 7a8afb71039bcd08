import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { isS3Address } from "../artifacts/s3-address.ts";
import type { Effects } from "../core/effects.ts";
import type { Engine } from "../table/engine.ts";
import type { Relation } from "../table/relation.ts";
import { openSource } from "../table/source.ts";
import type { Contract } from "../validation/contract.ts";
import { evolveForParts } from "./evolved-parts.ts";
import { withoutRowId } from "./features-output.ts";
import type { BaseProject } from "./project.ts";
import { readManifest } from "./raw-manifest.ts";
import { openRaw, rawPath } from "./raw-relation.ts";

/** A contract of params.yaml and the data that it is for. */
export type ContractTarget = Readonly<{
  name: string;
  /** Relative to the project, as params.yaml has it. */
  contract: string;
  open(engine: Engine, effects: Effects): Promise<Relation>;
  /** The contract as it holds for this data: a dataset that grows may have changed its columns. */
  held(contract: Contract, relation: Relation, engine: Engine, effects: Effects): Promise<Contract>;
  /** The command that makes the data when it is not there yet; undefined when it is. */
  missing: string | undefined;
}>;

/** Every contract of the project: a raw one holds for data/raw, or for a source of files before the first ingest. */
export function contractTargets(project: BaseProject): ContractTarget[] {
  const { contracts, data } = project.params;
  const targets = Object.entries(contracts.raw).map(([name, contract]) =>
    rawTarget(project, name, contract),
  );
  for (const name of ["features", "labels", "split"] as const) {
    const contract = contracts[name];
    if (contract === undefined) continue;
    const path = join(project.root, data.processed, `${name}.parquet`);
    const missing = existsSync(path) ? undefined : "duetmind features";
    const open: ContractTarget["open"] = async (engine) =>
      withoutRowId(await openSource(engine, { path }));
    targets.push({ name, contract, open, held: asWritten, missing });
  }
  return targets;
}

function rawTarget(project: BaseProject, name: string, contract: string): ContractTarget {
  const source = project.params.sources[name];
  const raw = join(project.root, rawPath(project.params, name));
  if (existsSync(raw) || source?.path === undefined || isS3Address(source.path)) {
    const missing = existsSync(raw) ? undefined : "duetmind data";
    const open: ContractTarget["open"] = async (engine, effects) =>
      (await openRaw(engine, project, name, effects)).relation;
    const held: ContractTarget["held"] = async (written, relation, engine, effects) => {
      const manifest = raw.endsWith(".json") ? await readManifest(raw, effects) : null;
      if (manifest === null) return written;
      return evolveForParts(engine, dirname(raw), manifest, relation, written);
    };
    return { name, contract, open, held, missing };
  }
  const path = join(project.root, source.path);
  const open: ContractTarget["open"] = (engine) => openSource(engine, { ...source, path });
  return { name, contract, open, held: asWritten, missing: undefined };
}

async function asWritten(contract: Contract): Promise<Contract> {
  return contract;
}

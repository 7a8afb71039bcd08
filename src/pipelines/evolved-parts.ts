import type { Engine } from "../table/engine.ts";
import type { Relation } from "../table/relation.ts";
import type { Contract } from "../validation/contract.ts";
import { evolveContract } from "../validation/evolve-contract.ts";
import { lackingColumns, type PartsView } from "./raw-relation.ts";

/** The contract of a growing dataset as it holds for all of its parts together. */
export async function evolveForParts(
  engine: Engine,
  folder: string,
  manifest: PartsView,
  relation: Relation,
  contract: Contract,
): Promise<Contract> {
  return evolveContract(contract, relation.columns, await lackingColumns(engine, folder, manifest));
}

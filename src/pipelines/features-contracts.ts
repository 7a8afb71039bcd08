import { join } from "node:path";
import type { Effects } from "../core/effects.ts";
import { digestFile } from "../core/hash.ts";
import type { ShowValue } from "../features/join-sources.ts";
import type { Engine } from "../table/engine.ts";
import type { Relation } from "../table/relation.ts";
import type { Contract } from "../validation/contract.ts";
import { isSensitiveColumn } from "../validation/match-column.ts";
import type { CheckedContract } from "./features-record.ts";
import { referenceOpener } from "./open-reference.ts";
import type { Project } from "./project.ts";

/** What may be shown of raw values, by the contracts of the sources. */
export type Sensitivity = Readonly<{
  isSensitive(source: string, column: string): boolean;
  show: ShowValue;
}>;

/** Reads the contracts of the sources for columns marked `sensitivity`. */
export async function readSensitivity(project: Project, effects: Effects): Promise<Sensitivity> {
  const contracts = new Map<string, Contract>();
  for (const [source, path] of Object.entries(project.params.contracts.raw)) {
    const { readContract } = await import("../validation/read-contract.ts");
    contracts.set(source, await readContract(join(project.root, path), effects, path));
  }
  const isSensitive = (source: string, name: string) => {
    const contract = contracts.get(source);
    return contract !== undefined && isSensitiveColumn(contract, name);
  };
  return {
    isSensitive,
    show: (source, column, value) =>
      isSensitive(source, column) ? "a masked value" : JSON.stringify(value),
  };
}

/** Holds what was built to its contract. Throws CONTRACT_VIOLATED, so that nothing is published. */
export async function holdOutput(
  project: Project,
  engine: Engine,
  subject: CheckedContract["subject"],
  relation: Relation,
  effects: Effects,
): Promise<CheckedContract[]> {
  const path = project.params.contracts[subject];
  if (path === undefined) return [];
  const file = join(project.root, path);
  const { validateRelation } = await import("../validation/validate-relation.ts");
  const { violationError } = await import("../validation/report-text.ts");
  const { hasSensitive, openMask } = await import("../validation/mask.ts");
  const { readContract } = await import("../validation/read-contract.ts");
  const contract = await readContract(file, effects, path);
  const mask = hasSensitive(contract)
    ? { mask: await openMask(project.root, project.env, effects) }
    : {};
  const { report } = await validateRelation(engine, contract, relation, {
    schemaName: subject,
    now: effects.clock.now(),
    openReference: referenceOpener(project, effects),
    ...mask,
  });
  if (!report.valid) throw violationError(report, subject);
  return [
    {
      subject,
      path,
      sha256: digestFile(file).digest,
      checks: report.checks.length,
      warnings: report.warnings.length,
    },
  ];
}

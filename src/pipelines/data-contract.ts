import type { Effects } from "../core/effects.ts";
import type { Engine } from "../table/engine.ts";
import type { Relation } from "../table/relation.ts";
import type { Contract } from "../validation/contract.ts";
import { isSensitiveColumn } from "../validation/match-column.ts";
import type { OpenReference } from "../validation/plan-foreign-key.ts";
import type { ValidateOptions, Validation } from "../validation/validate-relation.ts";
import type { PlannedDataset } from "./data-plan.ts";
import { countInvalidCells } from "./data-quality.ts";
import type { DatasetRecord } from "./data-record.ts";
import type { BaseProject } from "./project.ts";

export type ContractOutcome = Readonly<{
  result: DatasetRecord["contract"];
  invalidCells: number;
  /** The data as the contract leaves it: coerced, columns added or filtered. */
  output: Relation;
  isSensitive(column: string): boolean;
  validation: Validation | null;
}>;

/** The contract of a dataset, if it has one. */
export async function contractOf(
  planned: PlannedDataset,
  effects: Effects,
): Promise<Contract | null> {
  if (planned.contract === null) return null;
  const { readContract } = await import("../validation/read-contract.ts");
  return readContract(planned.contract.absolutePath, effects, planned.contract.path);
}

/** Holds a raw dataset to its contract. Throws CONTRACT_VIOLATED, so that nothing of it is published. */
export async function holdToContract(
  project: BaseProject,
  engine: Engine,
  planned: PlannedDataset,
  contract: Contract | null,
  relation: Relation,
  openReference: OpenReference,
  effects: Effects,
): Promise<ContractOutcome> {
  if (planned.contract === null || contract === null) {
    return {
      result: null,
      invalidCells: 0,
      output: relation,
      isSensitive: () => false,
      validation: null,
    };
  }
  const { validateRelation } = await import("../validation/validate-relation.ts");
  const { violationError } = await import("../validation/report-text.ts");
  const { hasSensitive, openMask } = await import("../validation/mask.ts");
  const mask = hasSensitive(contract)
    ? { mask: await openMask(project.root, project.env, effects) }
    : {};
  const options: ValidateOptions = {
    schemaName: planned.name,
    now: effects.clock.now(),
    openReference,
    datasetName: planned.name,
    ...mask,
  };
  const validation = await validateRelation(engine, contract, relation, options);
  const { report, output } = validation;
  if (!report.valid) throw violationError(report, planned.output);
  return {
    result: {
      path: planned.contract.path,
      sha256: planned.contract.sha256,
      valid: true,
      checks: report.checks.length,
      warnings: report.warnings.length,
    },
    invalidCells: countInvalidCells(report.checks),
    output,
    isSensitive: (column) => isSensitiveColumn(contract, column),
    validation,
  };
}

import { DuetMindError } from "../core/errors.ts";
import type { ModelStatus } from "./model-queries.ts";

/**
 * MLflow's stages and our statuses, which say more: a rejected version is one that never left `None`
 * (reference: mlflow.md, section 11).
 */
export const STAGES = ["None", "Staging", "Production", "Archived"] as const;
export type Stage = (typeof STAGES)[number];

const STAGE_OF: Readonly<Record<ModelStatus, Stage>> = {
  draft: "None",
  rejected: "None",
  staging: "Staging",
  production: "Production",
  archived: "Archived",
};

const STATUS_OF: Readonly<Record<Stage, ModelStatus>> = {
  None: "draft",
  Staging: "staging",
  Production: "production",
  Archived: "archived",
};

export function stageOf(status: ModelStatus): Stage {
  return STAGE_OF[status];
}

export function statusOf(stage: Stage): ModelStatus {
  return STATUS_OF[stage];
}

/** A stage by its name, in any case. */
export function parseStage(given: string): Stage {
  const stage = STAGES.find((each) => each.toLowerCase() === given.toLowerCase());
  if (stage !== undefined) return stage;
  throw new DuetMindError(
    "BAD_INPUT",
    `Invalid Model Version stage: ${given}. Value must be one of ${STAGES.join(", ")}.`,
  );
}

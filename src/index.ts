/**
 * The public surface of the package: a project and its stages, contracts, models, verification.
 * What is not exported here may change without notice.
 */
export { type Effects, realEffects } from "./core/effects.ts";
export { DuetMindError, ERROR_CODES, type ErrorCode } from "./core/errors.ts";
export { type Digest, digestBytes, digestFile, digestJson } from "./core/hash.ts";
export { VERSION } from "./core/version.ts";
export { runData } from "./pipelines/data-stage.ts";
export { runFeatures } from "./pipelines/features-stage.ts";
export type { BaseParams, Params } from "./pipelines/params.ts";
export { runPredict } from "./pipelines/predict-file.ts";
export { openPredictor } from "./pipelines/predict-open.ts";
export {
  type BaseProject,
  type LoadOptions,
  loadBaseProject,
  loadProject,
  type Project,
} from "./pipelines/project.ts";
export { registerAfterStage } from "./pipelines/register-after-stage.ts";
export { runTrain, type TrainResult } from "./pipelines/train-stage.ts";
export { type Verification, verifyModel } from "./pipelines/verify.ts";
export { type Engine, openEngine } from "./table/engine.ts";
export { openSource } from "./table/source.ts";
export {
  compareSchemas,
  type SchemaChange,
  type SchemaColumn,
  type SchemaVerdict,
} from "./validation/compare-schemas.ts";
export type { Contract, Evolution } from "./validation/contract.ts";
export type { ContractDefinition } from "./validation/contract-definition.ts";
export {
  contractFromYaml,
  defineContract,
  type InferRow,
  type TypedContract,
} from "./validation/define-contract.ts";
export { parseContract } from "./validation/parse-contract.ts";
export { readContract } from "./validation/read-contract.ts";
export type { ValidationReport } from "./validation/report.ts";
export { validateRelation } from "./validation/validate-relation.ts";

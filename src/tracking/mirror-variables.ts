import type { Environment } from "../core/environment.ts";

/** The target of deliveries that mirror a run. */
export const MIRROR = "mirror";

/** The variables that MLflow's own clients read. */
export const MIRROR_VARIABLES = [
  { name: "MLFLOW_TRACKING_URI", secret: true },
  { name: "MLFLOW_TRACKING_TOKEN", secret: true },
  { name: "MLFLOW_TRACKING_USERNAME", secret: false },
  { name: "MLFLOW_TRACKING_PASSWORD", secret: true },
] as const;

/** Whether runs are to be mirrored at all. */
export function isMirrored(env: Environment): boolean {
  return (env["MLFLOW_TRACKING_URI"] ?? "") !== "";
}

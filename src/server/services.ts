import type { RegisteredModelService } from "../registry/registered-models.ts";
import type { ExperimentService } from "../tracking/experiments.ts";
import type { Caller } from "./caller.ts";

/** What the routes call. The server knows services only: it never sees the database. */
export type Services = Readonly<{
  experiments: ExperimentService;
  registeredModels: RegisteredModelService;
  /** Who a key belongs to; undefined for a key that is unknown, revoked or expired. */
  callerOf(key: string): Promise<Caller | undefined>;
}>;

import type { Clock } from "../core/clock.ts";
import { DuetMindError } from "../core/errors.ts";
import type { OpenedDatabase } from "../store/database.ts";
import { assertInput, assertModelId } from "./input-limits.ts";
import { logInputs, type RunInput } from "./input-queries.ts";
import {
  appendModelHistory,
  lockActiveRun,
  logModelInputs,
  logModelOutputs,
  type ModelOutput,
} from "./run-link-queries.ts";

/** What an active run used and made. */
export type RunLinkService = Readonly<{
  logInputs(
    runId: string,
    datasets: readonly RunInput[],
    modelIds: readonly string[],
  ): Promise<void>;
  logOutputs(runId: string, models: readonly ModelOutput[]): Promise<void>;
  /** A model of MLflow 2, by the JSON of its MLmodel file. */
  logModel(runId: string, modelJson: string): Promise<void>;
}>;

export function createRunLinks(database: OpenedDatabase, clock: Clock): RunLinkService {
  return {
    async logInputs(runId, datasets, modelIds) {
      datasets.forEach(assertInput);
      modelIds.forEach(assertModelId);
      await database.transaction(async (db) => {
        const experimentId = await lockActiveRun(db, runId);
        await logInputs(db, { runId, experimentId }, datasets, clock);
        await logModelInputs(db, runId, modelIds);
      });
    },
    async logOutputs(runId, models) {
      for (const { modelId } of models) assertModelId(modelId);
      await database.transaction(async (db) => {
        await lockActiveRun(db, runId);
        await logModelOutputs(db, runId, models);
      });
    },
    async logModel(runId, modelJson) {
      const model = parseModelJson(modelJson);
      await database.transaction(async (db) => {
        await lockActiveRun(db, runId);
        await appendModelHistory(db, runId, model);
      });
    },
  };
}

const MANDATORY = ["artifact_path", "flavors", "run_id", "utc_time_created"];

function parseModelJson(text: string): Readonly<Record<string, unknown>> {
  const model = parsed(text);
  const missing = MANDATORY.filter((field) => !Object.hasOwn(model, field));
  if (missing.length === 0) return model;
  const names = missing.map((field) => `'${field}'`).join(", ");
  throw new DuetMindError("BAD_INPUT", `Model json is missing mandatory fields: {${names}}`, {
    path: "model_json",
  });
}

function parsed(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) {
      return value as Readonly<Record<string, unknown>>;
    }
  } catch {
    // the same as JSON that is no object
  }
  throw new DuetMindError(
    "BAD_INPUT",
    `Malformed model info. \n ${text.slice(0, 200)} \n is not a valid JSON.`,
    { path: "model_json" },
  );
}

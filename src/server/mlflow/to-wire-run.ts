import type { Entry } from "../../tracking/log-batch.ts";
import type { RunInfo } from "../../tracking/run-queries.ts";
import type { Run, RunTexts } from "../../tracking/run-text-queries.ts";

/**
 * A run as the JSON that MLflow's clients read; unset fields and empty lists are left out. It is made as
 * text, since most of it comes from the database as such: see run-text-queries.ts.
 */
export function toWireRun(run: Run): string {
  const { texts } = run;
  return `{"info":${JSON.stringify(toWireRunInfo(run))},"data":${dataOf(texts)},"inputs":${inputsOf(texts)},"outputs":${outputsOf(texts)}}`;
}

/** A run that was made just now: MLflow's reply has no outputs then. */
export function toWireNewRun(run: RunInfo & Readonly<{ tags: readonly Entry[] }>): unknown {
  return { info: toWireRunInfo(run), data: { tags: run.tags }, inputs: {} };
}

export function toWireRunInfo(run: RunInfo): unknown {
  return {
    run_uuid: run.runId,
    experiment_id: String(run.experimentId),
    run_name: run.name,
    user_id: run.user,
    status: run.status,
    start_time: run.startedAt?.getTime() ?? 0,
    end_time: run.endedAt?.getTime(),
    artifact_uri: run.artifactUri,
    lifecycle_stage: run.lifecycleStage,
    run_id: run.runId,
  };
}

function dataOf({ metrics, params, tags }: RunTexts): string {
  return object(["metrics", metrics], ["params", params], ["tags", tags]);
}

function inputsOf({ datasetInputs, modelInputs }: RunTexts): string {
  return object(["dataset_inputs", datasetInputs], ["model_inputs", modelInputs]);
}

function outputsOf({ modelOutputs }: RunTexts): string {
  return object(["model_outputs", modelOutputs]);
}

function object(...fields: readonly (readonly [string, string | null])[]): string {
  let text = "";
  for (const [name, value] of fields) {
    if (value !== null) text += `${text === "" ? "" : ","}"${name}":${value}`;
  }
  return `{${text}}`;
}

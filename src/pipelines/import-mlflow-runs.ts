import type { Run } from "../client/create-tracking-client.ts";
import { DuetMindError } from "../core/errors.ts";
import type { Imported, ImportState } from "../tracking/import-marks.ts";
import { createRunImport, type RunImport } from "../tracking/import-runs.ts";
import type { MetricPoint } from "../tracking/metric-point.ts";
import type { ImportJob } from "./import-mlflow.ts";
import type { ExperimentPair } from "./import-mlflow-experiments.ts";
import { importFiles } from "./import-mlflow-files.ts";
import { isProxied, toEntries, toInput, toPoint } from "./import-mlflow-values.ts";

/** How many runs to ask for, and to look up here, at a time. */
const PAGE_SIZE = 500;
/** How many points go into the database at once. */
const BATCH_SIZE = 5000;

const ENDED: readonly string[] = ["FINISHED", "FAILED", "KILLED"];

/** Brings all runs of these experiments, deleted ones too. */
export async function importRuns(
  job: ImportJob,
  experiments: readonly ExperimentPair[],
): Promise<void> {
  const runs = createRunImport(job.target.database, job.effects.clock);
  for (const { there, id } of experiments) {
    const task = job.effects.progress.start(`runs of ${there.name}`, undefined, "runs");
    let count = 0;
    const search = job.client.runs.search({
      experimentIds: [there.experimentId],
      viewType: "ALL",
      pageSize: PAGE_SIZE,
    });
    for await (const page of search.pages()) {
      const known = await runs.find(page.map(({ runId }) => runId));
      for (const run of page) {
        tallyRun(job, run);
        await job.attempt(`run ${run.runId}`, () =>
          importRun(job, runs, run, id, known.get(run.runId)),
        );
        task.advance(1);
        count += 1;
      }
    }
    task.done(`${count} runs`);
  }
}

async function importRun(
  job: ImportJob,
  runs: RunImport,
  run: Run,
  experimentId: string,
  known: Imported | undefined,
): Promise<void> {
  const { runId } = run;
  if (known !== undefined && known.from !== job.origin) throw isOurs(`run ${runId}`, job, known);
  const proxied = isProxied(run.artifactUri);
  const complete: ImportState = job.withFiles || !proxied ? "data, files" : "data";
  if (known?.state === "data, files" || known?.state === complete) return;
  if (known?.state === undefined) {
    await runs.begin(
      {
        ...{ runId, experimentId, name: run.runName, user: run.userId, status: run.status },
        ...{ startedAt: run.startTime, endedAt: run.endTime ?? null },
        artifactUri: proxied ? null : run.artifactUri,
        params: toEntries(run.params),
        tags: toEntries(run.tags),
        datasets: run.datasets.map(toInput),
        modelInputs: run.modelInputs,
        modelOutputs: run.modelOutputs,
      },
      job.origin,
    );
    await importPoints(job, runs, run);
  }
  if (job.withFiles && proxied) {
    const { path } = await job.target.artifacts.resolve(`runs:/${runId}`);
    await importFiles(job, run.artifactUri, path);
  }
  // one that goes on there is looked at again the next time
  const state = ENDED.includes(run.status) ? complete : undefined;
  await runs.finish(runId, run.lifecycleStage, state);
}

async function importPoints(job: ImportJob, runs: RunImport, run: Run): Promise<void> {
  let waiting: MetricPoint[] = [];
  let there = 0;
  const write = async () => {
    if (waiting.length > 0) await runs.addPoints(run.runId, waiting);
    waiting = [];
  };
  for (const key of Object.keys(run.metrics)) {
    for await (const page of job.client.runs.metricHistory(run.runId, key).pages()) {
      there += page.length;
      for (let at = 0; at < page.length; at += BATCH_SIZE) {
        waiting.push(...page.slice(at, at + BATCH_SIZE).map(toPoint));
        if (waiting.length >= BATCH_SIZE) await write();
      }
    }
  }
  await write();
  job.tally.add("metric_points", there, await runs.countPoints(run.runId));
}

function tallyRun({ tally }: ImportJob, run: Run): void {
  tally.add("runs", 1);
  tally.add("params", Object.keys(run.params).length);
  tally.add("tags", toEntries(run.tags).length);
  tally.add("metrics", Object.keys(run.metrics).length);
  tally.add("datasets", run.datasets.length);
  tally.add("model_inputs", run.modelInputs.length);
  tally.add("model_outputs", run.modelOutputs.length);
}

/** An id that is taken here by something else. */
export function isOurs(what: string, job: ImportJob, known: Imported): DuetMindError {
  const got = known.from === undefined ? "one of our own" : `one from ${known.from}`;
  return new DuetMindError(
    "CONFLICT",
    `${what}: expected none here, or one imported from ${job.origin}, got ${got}`,
  );
}

import type { Digest } from "../core/hash.ts";
import type { Database } from "../store/database.ts";

export type RunStatus = "RUNNING" | "SCHEDULED" | "FINISHED" | "FAILED" | "KILLED";

export type NewRun = Readonly<{
  runId: string;
  experimentId: number;
  name: string;
  user: string;
  status: RunStatus;
  startedAt: Date | null;
  endedAt: Date | null;
  recordDigest: Digest | null;
}>;

export async function insertRun(db: Database, run: NewRun): Promise<void> {
  await db
    .insertInto("runs")
    .values({
      run_id: run.runId,
      experiment_id: run.experimentId,
      run_name: run.name,
      user_id: run.user,
      status: run.status,
      artifact_uri: `mlflow-artifacts:/${run.experimentId}/${run.runId}/artifacts`,
      started_at: run.startedAt,
      ended_at: run.endedAt,
      record_digest: run.recordDigest,
    })
    .execute();
}

import { sql } from "kysely";
import { DuetMindError } from "../core/errors.ts";
import type { Database } from "../store/database.ts";

/** The id of an experiment by its name; it is made when there is none. */
export async function ensureExperiment(db: Database, name: string, at: Date): Promise<number> {
  const known = await findExperiment(db, name);
  if (known !== undefined) return activeId(known, name);
  await sql`
    WITH fresh AS (
      SELECT nextval(pg_get_serial_sequence('duetmind.experiments', 'experiment_id')) AS id
    )
    INSERT INTO duetmind.experiments (experiment_id, name, artifact_location, created_at, updated_at)
    SELECT id, ${name}::text, 'mlflow-artifacts:/' || id, ${at}::timestamptz, ${at}::timestamptz
    FROM fresh
    ON CONFLICT (name) DO NOTHING`.execute(db);
  return activeId((await findExperiment(db, name))!, name);
}

type Found = Readonly<{ experiment_id: number; lifecycle_stage: string }>;

function findExperiment(db: Database, name: string): Promise<Found | undefined> {
  return db
    .selectFrom("experiments")
    .select(["experiment_id", "lifecycle_stage"])
    .where("name", "=", name)
    .executeTakeFirst();
}

function activeId(experiment: Found, name: string): number {
  if (experiment.lifecycle_stage === "active") return experiment.experiment_id;
  throw new DuetMindError(
    "CONFLICT",
    `experiment "${name}": expected an active experiment, got a deleted one`,
    { hint: "restore it, or name another one in params.yaml: tracking.experiment" },
  );
}

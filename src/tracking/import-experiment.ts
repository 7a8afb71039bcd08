import { appendAudit } from "../audit/append-audit.ts";
import type { Clock } from "../core/clock.ts";
import { DuetMindError } from "../core/errors.ts";
import type { OpenedDatabase } from "../store/database.ts";
import type { ExperimentService, LifecycleStage } from "./experiments.ts";
import { IMPORTED_FROM } from "./import-marks.ts";
import type { Entry } from "./log-batch.ts";

/** An experiment of another server; its number there says nothing here, its name does. */
export type ForeignExperiment = Readonly<{
  name: string;
  /** Where its runs keep files; null where they come here. */
  artifactLocation: string | null;
  createdAt: Date;
  updatedAt: Date;
  tags: readonly Entry[];
}>;

/**
 * The id of our experiment of that name. It is made if there is none; one that is ours already takes
 * the runs beside its own. One that was deleted here, not there, is a conflict.
 */
export async function importExperiment(
  database: OpenedDatabase,
  experiments: ExperimentService,
  experiment: ForeignExperiment,
  origin: string,
  actor: string,
): Promise<string> {
  const known = await experiments.getByName(experiment.name).catch((error: unknown) => {
    if (error instanceof DuetMindError && error.code === "NOT_FOUND") return undefined;
    throw error;
  });
  const wasImported = known?.tags.some(({ key }) => key === IMPORTED_FROM) === true;
  if (known?.lifecycleStage === "deleted") {
    if (wasImported) return known.id;
    throw new DuetMindError(
      "CONFLICT",
      `experiment "${experiment.name}": expected an active one or none, got a deleted one`,
      { hint: "restore it, or delete it for good with: duetmind tracking gc" },
    );
  }
  if (known !== undefined) {
    await experiments.setTag(known.id, { key: IMPORTED_FROM, value: origin });
    for (const tag of experiment.tags) await experiments.setTag(known.id, tag);
    return known.id;
  }
  const id = await experiments.create(
    {
      name: experiment.name,
      artifactLocation: experiment.artifactLocation ?? undefined,
      tags: [...experiment.tags, { key: IMPORTED_FROM, value: origin }],
    },
    actor,
  );
  await database.kysely
    .updateTable("experiments")
    .set({ created_at: experiment.createdAt, updated_at: experiment.updatedAt })
    .where("experiment_id", "=", Number(id))
    .execute();
  return id;
}

/**
 * Gives an imported experiment the stage that it has there, without its runs, which have their own.
 * One that was here before the import stays as it is.
 */
export async function stageExperiment(
  database: OpenedDatabase,
  id: string,
  from: ForeignExperiment,
  stage: LifecycleStage,
  actor: string,
  clock: Clock,
): Promise<void> {
  await database.transaction(async (db) => {
    const { numUpdatedRows } = await db
      .updateTable("experiments")
      .set({ lifecycle_stage: stage })
      .where("experiment_id", "=", Number(id))
      .where("created_at", "=", from.createdAt)
      .where("lifecycle_stage", "<>", stage)
      .executeTakeFirst();
    if (numUpdatedRows === 0n) return;
    const action = stage === "deleted" ? "experiment.delete" : "experiment.restore";
    const object = { object_type: "experiment", object_id: id };
    await appendAudit(db, { actor, action, ...object }, clock);
  });
}

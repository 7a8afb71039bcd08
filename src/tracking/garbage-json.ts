import type { Garbage } from "./collect-garbage.ts";
import type { FreedObjects } from "./free-objects.ts";

/** What `tracking gc` prints, and what its job has as result; `freed` is there once it is deleted. */
export function toGarbageJson(
  garbage: Garbage,
  before: Date,
  freed: FreedObjects | undefined,
): unknown {
  const times = (row: Readonly<{ experiment_id: number; deleted_at: Date }>) => ({
    experiment_id: String(row.experiment_id),
    deleted_at: row.deleted_at.toISOString(),
  });
  return {
    schema_version: 1,
    deleted: freed !== undefined,
    before: before.toISOString(),
    runs: garbage.runs.map((run) => ({ run_id: run.run_id, ...times(run) })),
    logged_models: garbage.models.map((model) => ({ model_id: model.model_id, ...times(model) })),
    experiments: garbage.experiments.map((each) => ({ name: each.name, ...times(each) })),
    files: garbage.files,
    size_bytes: garbage.sizeBytes,
    objects: (freed ?? garbage.freed).objects,
    freed_bytes: (freed ?? garbage.freed).sizeBytes,
    missing_objects: freed?.missing ?? 0,
    kept: garbage.kept,
    elsewhere: garbage.elsewhere,
  };
}

import { z } from "zod";
import type { ObjectStore } from "../artifacts/object-store.ts";
import type { Clock } from "../core/clock.ts";
import { parseWith } from "../core/parse.ts";
import type { JobKind } from "../events/jobs.ts";
import type { OpenedDatabase } from "../store/database.ts";
import { deleteGarbage, findGarbage } from "../tracking/collect-garbage.ts";
import { toExperimentId } from "../tracking/experiments.ts";
import { toGarbageJson } from "../tracking/garbage-json.ts";

const DAY_MS = 24 * 3_600_000;

const gcRequest = z.strictObject({
  older_than_days: z.number().min(0).default(30),
  run_ids: z.array(z.string()).optional(),
  experiment_ids: z.array(z.string()).optional(),
  /** Without it the job only says what would go. */
  delete: z.boolean().default(false),
});

/** The long work that the API may start, by its name. */
export function jobKinds(
  database: OpenedDatabase,
  store: ObjectStore,
  clock: Clock,
): Readonly<Record<string, JobKind>> {
  return {
    async "tracking-gc"(given, { actor, progress }) {
      const request = parseWith(gcRequest, given, "job tracking-gc: request");
      const before = new Date(clock.now().getTime() - request.older_than_days * DAY_MS);
      const scope = {
        before,
        runIds: request.run_ids,
        experimentIds: request.experiment_ids?.map(toExperimentId),
      };
      const garbage = await findGarbage(database.kysely, scope);
      const count = garbage.runs.length + garbage.models.length + garbage.experiments.length;
      progress(0, count, "things");
      if (!request.delete) return toGarbageJson(garbage, before, undefined);
      const freed = await deleteGarbage(database, store, garbage, before, actor, clock);
      progress(count, count, "things");
      return toGarbageJson(garbage, before, freed);
    },
  };
}

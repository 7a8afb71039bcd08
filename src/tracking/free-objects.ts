import type { ObjectStore } from "../artifacts/object-store.ts";
import type { Digest } from "../core/hash.ts";
import type { OpenedDatabase } from "../store/database.ts";
import {
  findLooseObjects,
  forgetLooseObjects,
  type LooseObject,
  lockObjects,
  type Objects,
  strikeNamedObjects,
} from "./loose-object-queries.ts";

export type FreedObjects = Objects &
  Readonly<{
    /** Objects that were to be freed and are not in this store: another one may have them. */
    missing: number;
  }>;

/** So many wait for those who refer to objects meanwhile, and the other way round. */
const BATCH = 50;

/**
 * Takes objects out of the store that a path let go of, before a moment or of some digests, and that
 * nothing names: no path, and no record of a stage. Each is looked at behind a lock that everybody takes
 * who comes to refer to an object, so nobody refers to what goes. A kill leaves the rest for the next time.
 */
export async function freeObjects(
  database: OpenedDatabase,
  store: ObjectStore,
  before: Date,
  digests: readonly Digest[],
): Promise<FreedObjects> {
  const sum = { objects: 0, sizeBytes: 0, missing: 0 };
  for (let after = ""; ; ) {
    const batch = await findLooseObjects(database.kysely, { before, digests, after }, BATCH);
    if (batch.length === 0) return sum;
    const { freed, missing } = await database.transaction(async (db) => {
      await lockObjects(db, "free");
      const each = batch.map(({ digest }) => digest);
      const found = await deleteObjects(store, await strikeNamedObjects(db, each));
      await forgetLooseObjects(
        db,
        found.freed.map(({ digest }) => digest),
      );
      return found;
    });
    sum.objects += freed.length;
    sum.sizeBytes += freed.reduce((total, { sizeBytes }) => total + sizeBytes, 0);
    sum.missing += missing;
    after = batch.at(-1)!.digest;
  }
}

async function deleteObjects(
  store: ObjectStore,
  loose: readonly LooseObject[],
): Promise<{ freed: LooseObject[]; missing: number }> {
  const were = await Promise.all(loose.map(({ digest }) => store.delete(digest)));
  const freed = loose.filter((_, i) => were[i]);
  return { freed, missing: loose.length - freed.length };
}

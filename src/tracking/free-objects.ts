import type { ObjectStore } from "../artifacts/object-store.ts";
import type { Digest } from "../core/hash.ts";
import type { Database, OpenedDatabase } from "../store/database.ts";
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
    /** Objects that were to be freed and that another store may have: this one has nothing that is named. */
    missing: number;
  }>;

/** So many wait for those who refer to objects meanwhile, and the other way round. */
const BATCH = 50;

/**
 * Takes objects out of the store that a path let go of, before a moment or of some digests, and that
 * nothing names: no path, and no record of a stage. Each is looked at behind a lock that everybody takes
 * who comes to refer to an object, so nobody refers to what goes. A kill leaves the rest for the next time,
 * and rows of objects that went: they are struck off where the store proves to be the right one.
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
      const loose = await strikeNamedObjects(db, each);
      const freed = await deleteObjects(store, loose);
      const isKnown = freed.length === loose.length || (await holdsNamed(db, store));
      const gone = isKnown ? loose : freed;
      await forgetLooseObjects(
        db,
        gone.map(({ digest }) => digest),
      );
      return { freed, missing: loose.length - gone.length };
    });
    sum.objects += freed.length;
    sum.sizeBytes += freed.reduce((total, { sizeBytes }) => total + sizeBytes, 0);
    sum.missing += missing;
    after = batch.at(-1)!.digest;
  }
}

/** Gives those that were there. */
async function deleteObjects(
  store: ObjectStore,
  loose: readonly LooseObject[],
): Promise<LooseObject[]> {
  const were = await Promise.all(loose.map(({ digest }) => store.delete(digest)));
  return loose.filter((_, i) => were[i]);
}

/** Whether the store has the bytes of a file that is named: then it is the one that the others were in. */
async function holdsNamed(db: Database, store: ObjectStore): Promise<boolean> {
  const named = await db.selectFrom("artifact_file").select("digest").limit(1).execute();
  return named.length > 0 && (await store.has(named[0]!.digest as Digest));
}

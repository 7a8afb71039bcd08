import type { Digest } from "../core/hash.ts";
import { uuidV7 } from "../core/ids.ts";
import type { Database } from "../store/database.ts";
import type { Origin, Versioned } from "./dataset-queries.ts";
import { toJsonColumn } from "./json-column.ts";
import { lockVersions, nextVersion } from "./version-counter.ts";

export type NewFeatureView = Readonly<{
  name: string;
  featureHash: Digest;
  fitHash: Digest;
  schemaHash: Digest | null;
  featureList: readonly unknown[];
  transformationLogic: unknown;
  validationSchema: unknown;
  datasetIds: readonly string[];
}>;

/** Registers a version of a feature view; the same feature and fit hash keep their version. */
export async function registerFeatureView(
  db: Database,
  view: NewFeatureView,
  origin: Origin,
): Promise<Versioned> {
  await lockVersions(db, "feature_view", view.name);
  const known = await findFeatureView(db, view.name, view.featureHash, view.fitHash);
  const versioned: Versioned =
    known === undefined ? await insertView(db, view, origin) : { ...known, created: false };
  for (const datasetId of view.datasetIds) {
    await db
      .insertInto("feature_view_dataset")
      .values({ feature_view_id: versioned.id, dataset_id: datasetId })
      .onConflict((conflict) => conflict.columns(["feature_view_id", "dataset_id"]).doNothing())
      .execute();
  }
  return versioned;
}

export function findFeatureView(
  db: Database,
  name: string,
  featureHash: string,
  fitHash: string,
): Promise<{ id: string; version: number } | undefined> {
  return db
    .selectFrom("feature_view")
    .select(["id", "version"])
    .where("name", "=", name)
    .where("feature_hash", "=", featureHash)
    .where("fit_hash", "=", fitHash)
    .executeTakeFirst();
}

async function insertView(db: Database, view: NewFeatureView, origin: Origin): Promise<Versioned> {
  const id = uuidV7(origin.clock);
  const version = await nextVersion(db, "feature_view", view.name);
  await db
    .insertInto("feature_view")
    .values({
      id,
      name: view.name,
      version,
      feature_hash: view.featureHash,
      fit_hash: view.fitHash,
      schema_hash: view.schemaHash,
      feature_list: toJsonColumn(view.featureList),
      transformation_logic: toJsonColumn(view.transformationLogic),
      validation_schema:
        view.validationSchema === null ? null : toJsonColumn(view.validationSchema),
      record_digest: origin.recordDigest,
      created_at: origin.at,
      created_by: origin.actor,
    })
    .execute();
  return { id, version, created: true };
}

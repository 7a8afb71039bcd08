import type { Digest } from "../core/hash.ts";
import type { Database } from "../store/database.ts";
import type { ModelStatus } from "./model-queries.ts";

/** The versions that a record made when it was imported. */
export async function registeredBy(db: Database, recordDigest: Digest) {
  const datasets = await db
    .selectFrom("dataset_catalog")
    .select(["name", "version"])
    .where("record_digest", "=", recordDigest)
    .orderBy("name")
    .execute();
  const views = await db
    .selectFrom("feature_view")
    .select(["name", "version"])
    .where("record_digest", "=", recordDigest)
    .execute();
  const models = await db
    .selectFrom("model_version_detail as v")
    .innerJoin("model_registry as m", "m.id", "v.model_id")
    .select(["m.name", "v.version", "v.status", "v.status_reasons", "v.mlflow_run_id"])
    .where("v.record_digest", "=", recordDigest)
    .where("v.status", "<>", "deleted")
    .execute();
  return [
    ...views.map((row) => ({ kind: "feature_view" as const, ...row, created: false })),
    ...datasets.map((row) => ({ kind: "dataset" as const, ...row, created: false })),
    ...models.map((row) => ({
      kind: "model" as const,
      name: row.name,
      version: row.version,
      created: false,
      status: row.status as ModelStatus,
      reasons: row.status_reasons as string[],
      run_id: row.mlflow_run_id ?? "",
    })),
  ];
}

import { sql } from "kysely";
import { DuetMindError } from "../core/errors.ts";
import type { Database, OpenedDatabase } from "../store/database.ts";
import {
  IMPORTED,
  IMPORTED_FROM,
  type Imported,
  type ImportState,
  importedOf,
} from "./import-marks.ts";
import type { Entry } from "./log-batch.ts";
import type { LoggedModelMetric } from "./logged-model-metric-queries.ts";
import {
  findLoggedModel,
  insertLoggedModel,
  insertLoggedModelParams,
  setLoggedModelTags,
} from "./logged-model-queries.ts";

/** A logged model of another server: its id stays, its experiment is one of ours. */
export type ForeignLoggedModel = Readonly<{
  modelId: string;
  experimentId: string;
  name: string;
  /** MLflow's number: 1 pending, 2 ready, 3 upload failed. */
  status: number;
  statusMessage: string | null;
  modelType: string;
  sourceRunId: string;
  /** Where its files stay; null where they come here too. */
  artifactUri: string | null;
  createdAt: Date;
  updatedAt: Date;
  params: readonly Entry[];
  tags: readonly Entry[];
  metrics: readonly LoggedModelMetric[];
}>;

/** Takes logged models of another server, each step of which may be done again. */
export type LoggedModelImport = Readonly<{
  find(modelId: string): Promise<Imported | undefined>;
  /** All of a model but its files. */
  put(model: ForeignLoggedModel, origin: string): Promise<void>;
  finish(modelId: string, state: ImportState, updatedAt: Date): Promise<void>;
}>;

export function createLoggedModelImport(database: OpenedDatabase): LoggedModelImport {
  return {
    async find(modelId) {
      const model = await findLoggedModel(database.kysely, modelId, true);
      return model && importedOf(model.tags);
    },
    async put(model, origin) {
      if (!/^m-[0-9a-f]{32}$/.test(model.modelId)) {
        throw new DuetMindError(
          "BAD_INPUT",
          `logged model: expected an id such as m-0123456789abcdef0123456789abcdef, got "${model.modelId}"`,
        );
      }
      const tags = [...model.tags, { key: IMPORTED_FROM, value: origin }];
      await database.transaction(async (db) => {
        if ((await findLoggedModel(db, model.modelId, true)) === undefined) {
          await insertLoggedModel(db, {
            ...{ modelId: model.modelId, experimentId: Number(model.experimentId) },
            ...{ name: model.name, modelType: model.modelType, sourceRunId: model.sourceRunId },
            ...(model.artifactUri === null ? {} : { artifactUri: model.artifactUri }),
            ...{ status: model.status, at: model.createdAt },
          });
        }
        await db
          .updateTable("logged_models")
          .set({ status: model.status, status_message: model.statusMessage })
          .where("model_id", "=", model.modelId)
          .execute();
        await insertLoggedModelParams(db, model.modelId, model.params);
        await setLoggedModelTags(db, model.modelId, tags);
        await insertModelPoints(db, model.modelId, model.metrics);
      });
    },
    async finish(modelId, state, updatedAt) {
      await database.transaction(async (db) => {
        await setLoggedModelTags(db, modelId, [{ key: IMPORTED, value: state }]);
        await db
          .updateTable("logged_models")
          .set({ updated_at: updatedAt })
          .where("model_id", "=", modelId)
          .execute();
      });
    },
  };
}

/** Points of runs that are here: a point needs its run. */
async function insertModelPoints(
  db: Database,
  modelId: string,
  points: readonly LoggedModelMetric[],
): Promise<void> {
  if (points.length === 0) return;
  await sql`
    INSERT INTO duetmind.logged_model_metrics
      (model_id, key, timestamp_ms, step, run_id, value, dataset_name, dataset_digest)
    SELECT ${modelId}::text, n.key, n.timestamp_ms, n.step, n.run_id, n.value, n.name, n.digest
    FROM unnest(${points.map(({ key }) => key)}::text[],
      ${points.map(({ timestampMs }) => timestampMs)}::bigint[],
      ${points.map(({ step }) => step)}::bigint[],
      ${points.map(({ runId }) => runId)}::text[],
      ${points.map(({ value }) => value)}::double precision[],
      ${points.map(({ datasetName }) => datasetName)}::text[],
      ${points.map(({ datasetDigest }) => datasetDigest)}::text[])
      AS n(key, timestamp_ms, step, run_id, value, name, digest)
    JOIN duetmind.runs AS r ON r.run_id = n.run_id
    ON CONFLICT DO NOTHING`.execute(db);
}

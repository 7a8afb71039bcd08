import {
  type Compact,
  compact,
  dateAt,
  type Fields,
  listAt,
  objectAt,
  optionalTextAt,
  pairsAt,
  textAt,
  toFields,
  wordAt,
} from "./fields.ts";
import type { Filter } from "./filter.ts";
import { fromWireMetric, type Metric } from "./metric.ts";
import type { Order } from "./order-by.ts";
import { createPages, type Pages } from "./pages.ts";
import { toPairs } from "./tags.ts";
import type { Transport } from "./transport.ts";

const STATUSES = [
  "LOGGED_MODEL_STATUS_UNSPECIFIED",
  "LOGGED_MODEL_PENDING",
  "LOGGED_MODEL_READY",
  "LOGGED_MODEL_UPLOAD_FAILED",
] as const;

/** Whether a model's files are there. */
export type LoggedModelStatus = (typeof STATUSES)[number];

/** A model that a run made: its files, and what was measured on it. */
export type LoggedModel = Readonly<{
  modelId: string;
  experimentId: string;
  name: string;
  creationTimestamp?: Date;
  lastUpdatedTimestamp?: Date;
  artifactUri: string;
  status: LoggedModelStatus;
  statusMessage?: string;
  modelType: string;
  sourceRunId?: string;
  params: Readonly<Record<string, string>>;
  tags: Readonly<Record<string, string>>;
  metrics: readonly Metric[];
}>;

/** What a new logged model may bring. */
export type NewLoggedModel = Readonly<{
  experimentId: string;
  /** Made up by the server where there is none. */
  name?: string;
  modelType?: string;
  sourceRunId?: string;
  params?: Readonly<Record<string, string>>;
  tags?: Readonly<Record<string, string>>;
}>;

/** Which logged models, in which order. */
export type LoggedModelSearch = Readonly<{
  experimentIds: readonly string[];
  filter?: Filter<"loggedModels"> | string;
  /** Datasets that conditions on metrics look at. */
  datasets?: readonly Readonly<{ name: string; digest: string }>[];
  orderBy?: readonly Order<"loggedModels">[];
  /** How many to ask for at a time. Default 50. */
  pageSize?: number;
}>;

/** The logged models of a server (MLflow 3 and DuetMind). */
export type LoggedModelsClient = Readonly<{
  /** Makes one without files: upload them to its `artifactUri`, then `finalize` it. */
  create(model: NewLoggedModel): Promise<LoggedModel>;
  get(modelId: string): Promise<LoggedModel>;
  search(search: LoggedModelSearch): Pages<LoggedModel>;
  finalize(
    modelId: string,
    status?: "LOGGED_MODEL_READY" | "LOGGED_MODEL_UPLOAD_FAILED",
  ): Promise<LoggedModel>;
  setTags(modelId: string, tags: Readonly<Record<string, string>>): Promise<void>;
  deleteTag(modelId: string, key: string): Promise<void>;
  delete(modelId: string): Promise<void>;
}>;

const BASE = "/api/2.0/mlflow/logged-models";

export function createLoggedModelsClient(transport: Transport): LoggedModelsClient {
  const at = (modelId: string) => `${BASE}/${encodeURIComponent(modelId)}`;
  const modelOf = (reply: Fields) => toLoggedModel(objectAt(reply, "model"));

  return {
    async create(model) {
      const body = {
        experiment_id: model.experimentId,
        name: model.name,
        model_type: model.modelType,
        source_run_id: model.sourceRunId,
        params: toPairs(model.params),
        tags: toPairs(model.tags),
      };
      return modelOf(await transport.json({ method: "POST", path: BASE, body, repeatable: false }));
    },
    async get(modelId) {
      return modelOf(await transport.json({ method: "GET", path: at(modelId) }));
    },
    search({ experimentIds, filter, datasets = [], orderBy = [], pageSize = 50 }) {
      return createPages(async (page_token) => {
        const body = {
          experiment_ids: experimentIds,
          filter: filter?.toString(),
          datasets: datasets.map(({ name, digest }) => ({
            dataset_name: name,
            dataset_digest: digest,
          })),
          order_by: orderBy.map(({ field, ascending }) => ({
            field_name: field.replaceAll("`", ""), // a name here, not a clause
            ascending,
          })),
          max_results: pageSize,
          page_token,
        };
        const reply = await transport.json({ method: "POST", path: `${BASE}/search`, body });
        return {
          items: listAt(reply, "models").map(toLoggedModel),
          nextPageToken: optionalTextAt(reply, "next_page_token"),
        };
      });
    },
    async finalize(modelId, status = "LOGGED_MODEL_READY") {
      const body = { model_id: modelId, status };
      return modelOf(await transport.json({ method: "PATCH", path: at(modelId), body }));
    },
    async setTags(modelId, tags) {
      const body = { tags: toPairs(tags) };
      await transport.json({ method: "PATCH", path: `${at(modelId)}/tags`, body });
    },
    async deleteTag(modelId, key) {
      const path = `${at(modelId)}/tags/${encodeURIComponent(key)}`;
      await transport.json({ method: "DELETE", path });
    },
    async delete(modelId) {
      await transport.json({ method: "DELETE", path: at(modelId) });
    },
  };
}

function toLoggedModel(model: Fields): Compact<LoggedModel> {
  const info = objectAt(model, "info");
  const data = toFields(model["data"] ?? {}, "data");
  return compact({
    modelId: textAt(info, "model_id"),
    experimentId: textAt(info, "experiment_id"),
    name: textAt(info, "name"),
    creationTimestamp: dateAt(info, "creation_timestamp_ms"),
    lastUpdatedTimestamp: dateAt(info, "last_updated_timestamp_ms"),
    artifactUri: textAt(info, "artifact_uri"),
    status: wordAt(info, "status", STATUSES),
    statusMessage: optionalTextAt(info, "status_message"),
    modelType: textAt(info, "model_type"),
    sourceRunId: optionalTextAt(info, "source_run_id") || undefined,
    params: pairsAt(data, "params"),
    tags: pairsAt(info, "tags"),
    metrics: listAt(data, "metrics").map(fromWireMetric),
  });
}

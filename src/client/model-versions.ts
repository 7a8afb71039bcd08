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
  wordAt,
} from "./fields.ts";
import type { Filter } from "./filter.ts";
import { type Order, toOrderTexts } from "./order-by.ts";
import { createPages, type Pages } from "./pages.ts";
import { toPairs } from "./tags.ts";
import { TrackingError } from "./tracking-error.ts";
import type { Transport } from "./transport.ts";

const STAGES = ["None", "Staging", "Production", "Archived", "Deleted_Internal"] as const;

/** MLflow's four stages. */
export type Stage = Exclude<(typeof STAGES)[number], "Deleted_Internal">;

/** A version of a registered model. */
export type ModelVersion = Readonly<{
  name: string;
  version: number;
  creationTimestamp?: Date;
  lastUpdatedTimestamp?: Date;
  stage: Stage;
  description: string;
  /** Where the model is: `models:/m-…`, `runs:/…` or an address. */
  source: string;
  runId?: string;
  runLink?: string;
  /** The logged model it was made of, where the server says so. */
  modelId?: string;
  status: string;
  statusMessage?: string;
  tags: Readonly<Record<string, string>>;
  /** Old servers leave them out of searches. */
  aliases: readonly string[];
}>;

/** What a new version may bring. */
export type NewModelVersion = Readonly<{
  source: string;
  runId?: string;
  runLink?: string;
  modelId?: string;
  description?: string;
  tags?: Readonly<Record<string, string>>;
}>;

/** Which versions, in which order. */
export type ModelVersionSearch = Readonly<{
  filter?: Filter<"modelVersions"> | string;
  orderBy?: readonly Order<"modelVersions">[];
  /** How many to ask for at a time. Default 1000. */
  pageSize?: number;
}>;

/** The versions of all registered models. */
export type ModelVersionsClient = Readonly<{
  create(name: string, version: NewModelVersion): Promise<ModelVersion>;
  get(name: string, version: number): Promise<ModelVersion>;
  /** The version that an alias points at; `latest` is the newest. */
  getByAlias(name: string, alias: string): Promise<ModelVersion>;
  /** The newest version of each stage, or of those asked for. */
  latest(name: string, stages?: readonly Stage[]): Promise<readonly ModelVersion[]>;
  search(options?: ModelVersionSearch): Pages<ModelVersion>;
  /** Another description; none clears it. */
  update(name: string, version: number, description?: string): Promise<ModelVersion>;
  transitionStage(
    name: string,
    version: number,
    stage: Stage,
    options?: Readonly<{ archiveExistingVersions?: boolean }>,
  ): Promise<ModelVersion>;
  /** The address of its files. */
  downloadUri(name: string, version: number): Promise<string>;
  setTag(name: string, version: number, key: string, value: string): Promise<void>;
  deleteTag(name: string, version: number, key: string): Promise<void>;
  delete(name: string, version: number): Promise<void>;
}>;

const BASE = "/api/2.0/mlflow/model-versions";
const MODELS = "/api/2.0/mlflow/registered-models";

export function createModelVersionsClient(transport: Transport): ModelVersionsClient {
  const at = (name: string, version: number) => ({ name, version: String(version) });
  const versionOf = (reply: Fields) => toModelVersion(objectAt(reply, "model_version"));
  const send = (method: "POST" | "PATCH" | "DELETE", call: string, body: unknown) =>
    transport.json({ method, path: `${BASE}/${call}`, body });

  return {
    async create(name, version) {
      const body = {
        name,
        source: version.source,
        run_id: version.runId,
        run_link: version.runLink,
        model_id: version.modelId,
        description: version.description,
        tags: toPairs(version.tags),
      };
      const call = { method: "POST", path: `${BASE}/create`, body, repeatable: false } as const;
      return versionOf(await transport.json(call));
    },
    async get(name, version) {
      const query = at(name, version);
      return versionOf(await transport.json({ method: "GET", path: `${BASE}/get`, query }));
    },
    async getByAlias(name, alias) {
      const query = { name, alias };
      return versionOf(await transport.json({ method: "GET", path: `${MODELS}/alias`, query }));
    },
    async latest(name, stages) {
      const path = `${MODELS}/get-latest-versions`;
      const reply = await transport.json({ method: "POST", path, body: { name, stages } });
      return listAt(reply, "model_versions").map(toModelVersion);
    },
    search({ filter, orderBy = [], pageSize = 1000 } = {}) {
      return createPages(async (page_token) => {
        const query = {
          filter: filter?.toString(),
          order_by: toOrderTexts(orderBy),
          max_results: pageSize,
          page_token,
        };
        const reply = await transport.json({ method: "GET", path: `${BASE}/search`, query });
        return {
          items: listAt(reply, "model_versions").map(toModelVersion),
          nextPageToken: optionalTextAt(reply, "next_page_token"),
        };
      });
    },
    async update(name, version, description) {
      return versionOf(await send("PATCH", "update", { ...at(name, version), description }));
    },
    async transitionStage(name, version, stage, options = {}) {
      const archive_existing_versions = options.archiveExistingVersions ?? false;
      const body = { ...at(name, version), stage, archive_existing_versions };
      return versionOf(await send("POST", "transition-stage", body));
    },
    async downloadUri(name, version) {
      const query = at(name, version);
      const path = `${BASE}/get-download-uri`;
      return textAt(await transport.json({ method: "GET", path, query }), "artifact_uri");
    },
    async setTag(name, version, key, value) {
      await send("POST", "set-tag", { ...at(name, version), key, value });
    },
    async deleteTag(name, version, key) {
      await send("DELETE", "delete-tag", { ...at(name, version), key });
    },
    async delete(name, version) {
      await send("DELETE", "delete", at(name, version));
    },
  };
}

export function toModelVersion(fields: Fields): Compact<ModelVersion> {
  const stage = wordAt(fields, "current_stage", STAGES);
  if (stage === "Deleted_Internal") {
    throw new TrackingError(200, "BAD_REPLY", "current_stage: expected a stage, got a deleted one");
  }
  return compact({
    name: textAt(fields, "name"),
    version: Number(textAt(fields, "version")),
    creationTimestamp: dateAt(fields, "creation_timestamp"),
    lastUpdatedTimestamp: dateAt(fields, "last_updated_timestamp"),
    stage,
    description: textAt(fields, "description"),
    source: textAt(fields, "source"),
    runId: optionalTextAt(fields, "run_id") || undefined,
    runLink: optionalTextAt(fields, "run_link") || undefined,
    modelId: optionalTextAt(fields, "model_id") || undefined,
    status: textAt(fields, "status"),
    statusMessage: optionalTextAt(fields, "status_message"),
    tags: pairsAt(fields, "tags"),
    aliases: aliasesOf(fields["aliases"]),
  });
}

function aliasesOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === "string") : [];
}

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
} from "./fields.ts";
import type { Filter } from "./filter.ts";
import { type ModelVersion, toModelVersion } from "./model-versions.ts";
import { type Order, toOrderTexts } from "./order-by.ts";
import { createPages, type Pages } from "./pages.ts";
import { toPairs } from "./tags.ts";
import { isTaken } from "./tracking-error.ts";
import type { Transport } from "./transport.ts";

/** A registered model: a name that versions are kept under. */
export type RegisteredModel = Readonly<{
  name: string;
  creationTimestamp?: Date;
  lastUpdatedTimestamp?: Date;
  description: string;
  /** The newest version of each stage. */
  latestVersions: readonly ModelVersion[];
  tags: Readonly<Record<string, string>>;
  /** Version numbers by alias. */
  aliases: Readonly<Record<string, number>>;
}>;

/** What a new registered model may bring. */
export type NewRegisteredModel = Readonly<{
  description?: string;
  tags?: Readonly<Record<string, string>>;
}>;

/** Which registered models, in which order. */
export type RegisteredModelSearch = Readonly<{
  filter?: Filter<"registeredModels"> | string;
  orderBy?: readonly Order<"registeredModels">[];
  /** How many to ask for at a time, 1000 at most. Default 100. */
  pageSize?: number;
}>;

/** The registered models of a server. */
export type RegisteredModelsClient = Readonly<{
  create(name: string, options?: NewRegisteredModel): Promise<RegisteredModel>;
  get(name: string): Promise<RegisteredModel>;
  /** The one of that name, made if there is none. */
  getOrCreate(name: string, options?: NewRegisteredModel): Promise<RegisteredModel>;
  search(options?: RegisteredModelSearch): Pages<RegisteredModel>;
  rename(name: string, newName: string): Promise<RegisteredModel>;
  /** Another description; none clears it. */
  update(name: string, description?: string): Promise<RegisteredModel>;
  /** For good, with all its versions. */
  delete(name: string): Promise<void>;
  setTag(name: string, key: string, value: string): Promise<void>;
  deleteTag(name: string, key: string): Promise<void>;
  /** Lets an alias point at a version, from where it pointed before. */
  setAlias(name: string, alias: string, version: number): Promise<void>;
  deleteAlias(name: string, alias: string): Promise<void>;
}>;

const BASE = "/api/2.0/mlflow/registered-models";

export function createRegisteredModelsClient(transport: Transport): RegisteredModelsClient {
  const modelOf = (reply: Fields) => toRegisteredModel(objectAt(reply, "registered_model"));
  const send = (method: "POST" | "PATCH" | "DELETE", call: string, body: unknown) =>
    transport.json({ method, path: `${BASE}/${call}`, body });

  async function create(
    name: string,
    { description, tags }: NewRegisteredModel = {},
  ): Promise<RegisteredModel> {
    return modelOf(await send("POST", "create", { name, description, tags: toPairs(tags) }));
  }

  async function get(name: string): Promise<RegisteredModel> {
    return modelOf(await transport.json({ method: "GET", path: `${BASE}/get`, query: { name } }));
  }

  return {
    create,
    get,
    async getOrCreate(name, options) {
      try {
        return await create(name, options);
      } catch (error) {
        if (!isTaken(error)) throw error;
        return get(name);
      }
    },
    search({ filter, orderBy = [], pageSize = 100 } = {}) {
      return createPages(async (page_token) => {
        const query = {
          filter: filter?.toString(),
          order_by: toOrderTexts(orderBy),
          max_results: pageSize,
          page_token,
        };
        const reply = await transport.json({ method: "GET", path: `${BASE}/search`, query });
        return {
          items: listAt(reply, "registered_models").map(toRegisteredModel),
          nextPageToken: optionalTextAt(reply, "next_page_token"),
        };
      });
    },
    async rename(name, new_name) {
      return modelOf(await send("POST", "rename", { name, new_name }));
    },
    async update(name, description) {
      return modelOf(await send("PATCH", "update", { name, description }));
    },
    async delete(name) {
      await send("DELETE", "delete", { name });
    },
    async setTag(name, key, value) {
      await send("POST", "set-tag", { name, key, value });
    },
    async deleteTag(name, key) {
      await send("DELETE", "delete-tag", { name, key });
    },
    async setAlias(name, alias, version) {
      await send("POST", "alias", { name, alias, version: String(version) });
    },
    async deleteAlias(name, alias) {
      await send("DELETE", "alias", { name, alias });
    },
  };
}

function toRegisteredModel(fields: Fields): Compact<RegisteredModel> {
  return compact({
    name: textAt(fields, "name"),
    creationTimestamp: dateAt(fields, "creation_timestamp"),
    lastUpdatedTimestamp: dateAt(fields, "last_updated_timestamp"),
    description: textAt(fields, "description"),
    latestVersions: listAt(fields, "latest_versions").map(toModelVersion),
    tags: pairsAt(fields, "tags"),
    aliases: Object.fromEntries(
      listAt(fields, "aliases").map((each) => [
        textAt(each, "alias"),
        Number(textAt(each, "version")),
      ]),
    ),
  });
}

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
import { isMissing, isTaken } from "./tracking-error.ts";
import type { Transport } from "./transport.ts";

/** Whether something was deleted. */
export type LifecycleStage = "active" | "deleted";

/** Which of the two a search looks at. */
export type ViewType = "ACTIVE_ONLY" | "DELETED_ONLY" | "ALL";

const STAGES = ["active", "deleted"] as const;

/** An experiment: a name that runs are kept under. */
export type Experiment = Readonly<{
  experimentId: string;
  name: string;
  artifactLocation: string;
  lifecycleStage: LifecycleStage;
  creationTime?: Date;
  lastUpdateTime?: Date;
  tags: Readonly<Record<string, string>>;
}>;

/** What a new experiment may bring. */
export type NewExperiment = Readonly<{
  artifactLocation?: string;
  tags?: Readonly<Record<string, string>>;
}>;

/** Which experiments, in which order. */
export type ExperimentSearch = Readonly<{
  filter?: Filter<"experiments"> | string;
  orderBy?: readonly Order<"experiments">[];
  /** Default ACTIVE_ONLY. */
  viewType?: ViewType;
  /** How many to ask for at a time. Default 1000. */
  pageSize?: number;
}>;

/** The experiments of a server. */
export type ExperimentsClient = Readonly<{
  /** Makes one and answers its id; a taken name is RESOURCE_ALREADY_EXISTS, also one that was deleted. */
  create(name: string, options?: NewExperiment): Promise<string>;
  /** By id, deleted ones too. */
  get(experimentId: string): Promise<Experiment>;
  getByName(name: string): Promise<Experiment>;
  /** The one of that name, made if there is none. */
  getOrCreate(name: string, options?: NewExperiment): Promise<Experiment>;
  search(options?: ExperimentSearch): Pages<Experiment>;
  rename(experimentId: string, name: string): Promise<void>;
  /** With all its runs; `restore` brings them back. */
  delete(experimentId: string): Promise<void>;
  restore(experimentId: string): Promise<void>;
  setTag(experimentId: string, key: string, value: string): Promise<void>;
  deleteTag(experimentId: string, key: string): Promise<void>;
}>;

const BASE = "/api/2.0/mlflow/experiments";

export function createExperimentsClient(transport: Transport): ExperimentsClient {
  const post = (call: string, body: unknown) =>
    transport.json({ method: "POST", path: `${BASE}/${call}`, body });

  async function get(experimentId: string): Promise<Experiment> {
    const query = { experiment_id: experimentId };
    const reply = await transport.json({ method: "GET", path: `${BASE}/get`, query });
    return toExperiment(objectAt(reply, "experiment"));
  }

  async function getByName(name: string): Promise<Experiment> {
    const query = { experiment_name: name };
    const reply = await transport.json({ method: "GET", path: `${BASE}/get-by-name`, query });
    return toExperiment(objectAt(reply, "experiment"));
  }

  async function create(name: string, options: NewExperiment = {}): Promise<string> {
    const { artifactLocation: artifact_location, tags } = options;
    const body = { name, artifact_location, tags: toPairs(tags) };
    return textAt(await post("create", body), "experiment_id");
  }

  return {
    create,
    get,
    getByName,
    async getOrCreate(name, options) {
      try {
        return await getByName(name);
      } catch (error) {
        if (!isMissing(error)) throw error;
      }
      try {
        return await get(await create(name, options));
      } catch (error) {
        if (!isTaken(error)) throw error;
        return getByName(name); // another was quicker
      }
    },
    search({ filter, orderBy = [], viewType, pageSize = 1000 } = {}) {
      return createPages(async (page_token) => {
        const reply = await post("search", {
          filter: filter?.toString(),
          order_by: toOrderTexts(orderBy),
          view_type: viewType,
          max_results: pageSize,
          page_token,
        });
        return {
          items: listAt(reply, "experiments").map(toExperiment),
          nextPageToken: optionalTextAt(reply, "next_page_token"),
        };
      });
    },
    async rename(experiment_id, new_name) {
      await post("update", { experiment_id, new_name });
    },
    async delete(experiment_id) {
      await post("delete", { experiment_id });
    },
    async restore(experiment_id) {
      await post("restore", { experiment_id });
    },
    async setTag(experiment_id, key, value) {
      await post("set-experiment-tag", { experiment_id, key, value });
    },
    async deleteTag(experiment_id, key) {
      await post("delete-experiment-tag", { experiment_id, key });
    },
  };
}

function toExperiment(fields: Fields): Compact<Experiment> {
  return compact({
    experimentId: textAt(fields, "experiment_id"),
    name: textAt(fields, "name"),
    artifactLocation: textAt(fields, "artifact_location"),
    lifecycleStage: wordAt(fields, "lifecycle_stage", STAGES),
    creationTime: dateAt(fields, "creation_time"),
    lastUpdateTime: dateAt(fields, "last_update_time"),
    tags: pairsAt(fields, "tags"),
  });
}

import { sql } from "kysely";
import { DuetMindError } from "../core/errors.ts";
import {
  type ListPage,
  type ListRequest,
  type ListSource,
  readListPage,
} from "../search/list-page.ts";
import type { Database, OpenedDatabase } from "../store/database.ts";
import { datasetHistory } from "./dataset-history-queries.ts";
import { DATASETS, FEATURE_VIEWS, MODELS, STAGE_RUNS, VERSIONS } from "./list-sources.ts";
import { type ModelCard, modelCard } from "./model-card.ts";
import { findModelVersion } from "./model-queries.ts";

/** A row of a list, as its JSON. */
export type Item = Readonly<Record<string, unknown>>;

/** What is registered, for readers of our own API. */
export type CatalogueService = Readonly<{
  datasets(request: ListRequest): Promise<ListPage<Item>>;
  /** A version of a dataset, else the newest, with its columns, quality and what changed since the one before. */
  dataset(name: string, version?: number): Promise<Item>;
  featureViews(request: ListRequest): Promise<ListPage<Item>>;
  featureView(name: string, version: number): Promise<Item>;
  models(request: ListRequest): Promise<ListPage<Item>>;
  model(name: string): Promise<Item>;
  versions(name: string, request: ListRequest): Promise<ListPage<Item>>;
  /** The card of a version, the JSON of `duetmind show`. */
  version(name: string, version: number): Promise<ModelCard>;
  stageRuns(request: ListRequest): Promise<ListPage<Item>>;
  /** A registered run of a stage with the record that it wrote. */
  stageRun(digest: string): Promise<Item>;
}>;

const MOST_NAMED = 10;
const ONE = { orderBy: undefined, limit: 1, pageToken: undefined, count: false, filter: "" };

async function only(
  db: Database,
  source: ListSource,
  where: ListSource["where"],
  subject: string,
): Promise<Item> {
  const page = await readListPage<Item>(db, { ...source, where: where! }, ONE);
  if (page.items[0] !== undefined) return page.items[0];
  throw new DuetMindError("NOT_FOUND", `${subject}: expected one that is registered, got none`);
}

/** A registered model as readers of our own API see it. */
export function readModelItem(db: Database, name: string): Promise<Item> {
  return only(db, MODELS, sql`m.name = ${name}`, `model "${name}"`);
}

/** The numbers of the newest versions, as a message lists them. */
function newestVersions(history: Awaited<ReturnType<typeof datasetHistory>>): string {
  const numbers = history.slice(-MOST_NAMED).map(({ version }) => version.version);
  return `${history.length > MOST_NAMED ? "…, " : ""}${numbers.join(", ")}`;
}

export function createCatalogue({ kysely: db }: OpenedDatabase): CatalogueService {
  const model = (name: string) => readModelItem(db, name);

  return {
    datasets: (request) => readListPage(db, DATASETS, request),
    async dataset(name, version) {
      const history = await datasetHistory(db, name);
      const found =
        version === undefined
          ? history.at(-1)
          : history.find((each) => each.version.version === version);
      if (found !== undefined) return { ...found.version, columns: found.columns };
      const wanted = version === undefined ? "one that is registered" : `version ${version}`;
      const got = history.length === 0 ? "none" : `only ${newestVersions(history)}`;
      throw new DuetMindError("NOT_FOUND", `dataset "${name}": expected ${wanted}, got ${got}`);
    },
    featureViews: (request) => readListPage(db, FEATURE_VIEWS, request),
    featureView(name, version) {
      const select = sql`${FEATURE_VIEWS.select}, f.feature_list AS features,
        f.transformation_logic, f.validation_schema`;
      const where = sql`f.name = ${name} AND f.version = ${version}`;
      return only(db, { ...FEATURE_VIEWS, select }, where, `feature view "${name}@${version}"`);
    },
    models: (request) => readListPage(db, MODELS, request),
    model,
    async versions(name, request) {
      await model(name);
      const where = sql`v.status <> 'deleted' AND m.name = ${name}`;
      return readListPage(db, { ...VERSIONS, where, scope: name }, request);
    },
    async version(name, version) {
      const row = await findModelVersion(db, name, version);
      if (row !== undefined && row.status !== "deleted") return modelCard(db, row);
      throw new DuetMindError(
        "NOT_FOUND",
        `model "${name}": expected version ${version}, got none of that number`,
      );
    },
    stageRuns: (request) => readListPage(db, STAGE_RUNS, request),
    stageRun(digest) {
      const select = sql`${STAGE_RUNS.select}, s.body AS record`;
      return only(db, { ...STAGE_RUNS, select }, sql`s.digest = ${digest}`, `stage run ${digest}`);
    },
  };
}

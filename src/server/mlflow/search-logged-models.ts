import type { LoggedModelSearch } from "../../tracking/search-logged-models-queries.ts";
import { toWireLoggedModel } from "./logged-model-wire.ts";
import { bool, int64, list, type MessageOf, message, required, text } from "./message.ts";
import { call, type MlflowRoute } from "./route.ts";
import { unlessEmpty } from "./tags.ts";

const DEFAULT_MAX_RESULTS = 50;
/** What 0 stands for. */
const UNSAID_MAX_RESULTS = 100;

const search = message({
  experiment_ids: required(list(required(text))),
  filter: text,
  datasets: list(message({ dataset_name: required(text), dataset_digest: text })),
  max_results: int64,
  order_by: list(
    message({
      field_name: required(text),
      ascending: bool,
      dataset_name: text,
      dataset_digest: text,
    }),
  ),
  page_token: text,
});

export const searchLoggedModelsRoute: MlflowRoute = call(
  { method: "POST", path: "/mlflow/logged-models/search", scope: "read" },
  search,
  async (given, { loggedModels }) => {
    const page = await loggedModels.search(given.experiment_ids, toSearch(given));
    return {
      models: unlessEmpty(page.rows.map(toWireLoggedModel)),
      next_page_token: page.nextPageToken ?? undefined,
    };
  },
);

function toSearch(given: MessageOf<typeof search>): Omit<LoggedModelSearch, "experimentIds"> {
  return {
    filter: given.filter ?? "",
    datasets: given.datasets.map(toDataset),
    orderBy: given.order_by.map(({ field_name, ascending, dataset_name, dataset_digest }) => ({
      field: field_name,
      ascending: ascending ?? true,
      ...(dataset_name ? { dataset: toDataset({ dataset_name, dataset_digest }) } : {}),
    })),
    maxResults: Number(given.max_results ?? DEFAULT_MAX_RESULTS) || UNSAID_MAX_RESULTS,
    pageToken: given.page_token || undefined,
  };
}

function toDataset(given: Readonly<{ dataset_name: string; dataset_digest: string | undefined }>) {
  return { name: given.dataset_name, digest: given.dataset_digest || undefined };
}

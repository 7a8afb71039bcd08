import { enumOf, list, text } from "./message.ts";

/** What MLflow's searches of runs and experiments share. */
export const searchFields = { filter: text, order_by: list(text), page_token: text };

export const viewType = enumOf({ ACTIVE_ONLY: 1, DELETED_ONLY: 2, ALL: 3 });

type SearchFields = Readonly<{
  filter: string | undefined;
  order_by: readonly (string | undefined)[];
  page_token: string | undefined;
}>;

export function toSearch({ filter, order_by, page_token }: SearchFields) {
  return {
    filter: filter ?? "",
    orderBy: order_by.map((order) => order ?? ""),
    pageToken: page_token || undefined,
  };
}

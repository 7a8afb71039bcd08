import type { RegistrySearch } from "../../registry/search-models-queries.ts";
import { int64, list, type MessageOf, message, required, text } from "./message.ts";

/** What both searches of the registry are asked. */
export const registrySearch = message({
  filter: text,
  max_results: int64,
  order_by: list(required(text)),
  page_token: text,
});

export function toRegistrySearch(
  given: MessageOf<typeof registrySearch>,
  defaultMaxResults: number,
): RegistrySearch {
  return {
    filter: given.filter ?? "",
    orderBy: given.order_by,
    maxResults: Number(given.max_results ?? defaultMaxResults),
    pageToken: given.page_token || undefined,
  };
}

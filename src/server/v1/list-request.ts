import type { ListRequest } from "../../search/list-page.ts";
import type { ListQuery } from "./list.ts";

/** A list's query string as the services take it. */
export function toListRequest(query: ListQuery): ListRequest {
  return {
    filter: query.filter,
    orderBy: query.order_by,
    limit: query.limit,
    pageToken: query.page_token,
    count: query.count === "true",
  };
}

import { DuetMindError } from "../core/errors.ts";
import { nextLink } from "./http-link.ts";
import { type JsonPage, textAt } from "./http-page.ts";
import type { PagesParams } from "./http-params.ts";
import { parsePlace, valueAt } from "./json-place.ts";

/**
 * Where a page is: its number, offset or cursor, or the address of it; null is the first one. The
 * position of the next page is all that has to be kept of a page that is not fetched again.
 */
export type Position = string | null;

/** The address of a page; `base` has the query of the source. */
export function pageUrl(base: URL, pages: PagesParams | undefined, position: Position): URL {
  const url = new URL(base);
  if (pages === undefined) return url;
  if ((pages.by === "next" || pages.by === "link") && position !== null) return new URL(position);
  if (pages.size !== undefined) url.searchParams.set(pages.size.param, String(pages.size.value));
  if (pages.by === "page" || pages.by === "offset") {
    url.searchParams.set(pages.param, position ?? String(pages.start));
  } else if (pages.by === "cursor" && position !== null) {
    url.searchParams.set(pages.param, position);
  }
  return url;
}

/** Where the next page is by what this one says, or null after the last; an address may be relative. */
export function nextPosition(
  pages: PagesParams | undefined,
  position: Position,
  page: JsonPage,
): Position {
  if (pages === undefined) return null;
  switch (pages.by) {
    case "page":
    case "offset": {
      const at = Number(position ?? pages.start);
      if (page.lines.length === 0 || !hasMore(page, pages.more)) return null;
      return String(pages.by === "page" ? at + 1 : at + page.lines.length);
    }
    case "cursor":
    case "next":
      return textAt(page, pages.at) ?? null;
    case "link":
      return nextLink(page.link) ?? null;
  }
}

function hasMore(page: JsonPage, more: string | undefined): boolean {
  if (more === undefined) return true;
  const value = valueAt(page.document, parsePlace(more));
  if (value !== undefined) return Boolean(value);
  throw new DuetMindError(
    "BAD_INPUT",
    `${page.subject}: expected something at "${more}" that says whether there is more, got nothing`,
    { hint: "check `pages.more` of the source" },
  );
}

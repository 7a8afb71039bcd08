import type { Effects } from "../core/effects.ts";
import { DuetMindError } from "../core/errors.ts";
import { type Digest, digestBytes, digestHex } from "../core/hash.ts";
import { type HttpClient, NOT_MODIFIED, toValidators } from "./http-client.ts";
import type { HttpResponse } from "./http-exchange.ts";
import { readPage } from "./http-page.ts";
import { nextPosition, type Position, pageUrl } from "./http-pages.ts";
import type { HttpParams } from "./http-params.ts";
import { commitStaged, type Part, readRange, receive, type Staged } from "./http-staged.ts";
import { hasSecretQuery } from "./http-url.ts";

export type Fetch = Readonly<{
  client: HttpClient;
  params: HttpParams;
  /** The address with the query of the source. */
  base: URL;
  /** Digest of all that decides what is asked for. */
  request: Digest;
  folder: string;
  before: Staged | undefined;
}>;

/** One page: its rows as NDJSON, or null where the staged file has them already. */
type Page = Readonly<{ part: Part; next: Position; bytes: Uint8Array | null }>;

/**
 * Fetches the pages of an API into one NDJSON file. A page that the server calls unchanged is taken
 * from the staged file, so that only what changed travels; when all are, nothing is written.
 */
export async function fetchRows(fetch: Fetch, effects: Effects): Promise<Staged> {
  const { folder, before, request } = fetch;
  const parts: Part[] = [];
  const pages = pagesOf(fetch, effects);
  let page = await pages.next();
  while (page.done !== true && page.value.bytes === null) {
    parts.push(page.value.part);
    page = await pages.next();
  }
  if (page.done === true && before !== undefined) return before;

  async function* chunks(): AsyncGenerator<Uint8Array> {
    for (const part of parts) yield* stagedRows(fetch, part);
    for (; page.done !== true; page = await pages.next()) {
      const { part, bytes } = page.value;
      parts.push(part);
      if (bytes === null) yield* stagedRows(fetch, part);
      else yield bytes;
    }
  }

  const { digest } = await receive(folder, chunks(), effects);
  const file = `${digestHex(digest)}.ndjson`;
  return commitStaged(folder, { request, file, sha256: digest, format: "ndjson", parts }, effects);
}

async function* pagesOf(fetch: Fetch, effects: Effects): AsyncGenerator<Page, void> {
  const { client, params, base, before } = fetch;
  const { limits } = params;
  const seen = new Set<Digest>();
  const task = effects.progress.start(`fetch ${client.show(base)}`, undefined, "pages");
  let [rows, sizeBytes, unchanged] = [0, 0, 0];
  let position: Position = null;
  do {
    const url = pageUrl(base, params.pages, position);
    const key = digestBytes(position ?? "");
    if (seen.has(key)) throw endless(client.show(url), "one that was there before");
    if (seen.size === limits.pages) throw endless(client.show(url), `more than ${limits.pages}`);
    seen.add(key);
    const page: Page = await fetchPage(fetch, url, position, key);
    rows += page.part.rows;
    sizeBytes += page.part.size_bytes;
    unchanged += page.bytes === null ? 1 : 0;
    if (sizeBytes > limits.total_bytes) throw tooLarge(client.show(base), limits.total_bytes);
    task.advance(1);
    yield page;
    position = page.next;
  } while (position !== null);
  const state = before === undefined ? "" : `, ${unchanged} unchanged`;
  task.done(`${rows} rows, ${seen.size} pages${state}`);
}

async function fetchPage(fetch: Fetch, url: URL, position: Position, key: Digest): Promise<Page> {
  const known = fetch.before?.parts.find((part) => part.page === key);
  const page = await fetch.client.get(url, toValidators(known), (response, at) =>
    toPage(fetch, response, { url, at, position, key }),
  );
  return page === NOT_MODIFIED ? { part: known!, next: known!.next, bytes: null } : page;
}

type Place = Readonly<{ url: URL; at: URL; position: Position; key: Digest }>;

async function toPage(
  { client, params }: Fetch,
  response: HttpResponse,
  { url, at, position, key }: Place,
): Promise<Page> {
  const { records = "", pages, limits } = params;
  const json = await readPage(response, records, limits.page_bytes, client.show(url));
  const said = nextPosition(pages, position, json);
  const isAddress = pages?.by === "next" || pages?.by === "link";
  const target = said !== null && isAddress ? client.toTarget(said, at) : undefined;
  const bytes = Buffer.from(json.lines.map((line) => `${line}\n`).join(""));
  const { etag, "last-modified": lastModified } = response.headers;
  // an address in which the server has put a secret is followed but not kept
  const isKept = target === undefined || !hasSecretQuery(target);
  const next = target?.href ?? said;
  const part: Part = {
    page: key,
    next: isKept ? next : null,
    etag: (isKept && etag) || null,
    last_modified: (isKept && lastModified) || null,
    size_bytes: bytes.length,
    rows: json.lines.length,
  };
  return { part, next, bytes };
}

async function* stagedRows({ folder, before }: Fetch, part: Part): AsyncGenerator<Uint8Array> {
  const { parts } = before!;
  const start = parts.slice(0, parts.indexOf(part)).reduce((sum, one) => sum + one.size_bytes, 0);
  if (part.size_bytes > 0) yield* readRange(folder, before!, start, part.size_bytes);
}

function endless(subject: string, got: string): DuetMindError {
  return new DuetMindError("BAD_INPUT", `${subject}: expected an end of the pages, got ${got}`, {
    hint: "check `pages` of the source, or raise limits.pages",
  });
}

function tooLarge(subject: string, limit: number): DuetMindError {
  return new DuetMindError("BAD_INPUT", `${subject}: expected at most ${limit} bytes, got more`, {
    hint: "raise limits.total_bytes of the source",
  });
}

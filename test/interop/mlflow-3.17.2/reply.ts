import { createHash } from "node:crypto";
import type { RawReply, Variables } from "./exchange.ts";
import type { CorpusRequest } from "./request.ts";

/** A reply as it is kept and compared: what differs between two runs of one server is masked. */
export type Reply = Readonly<{
  status: number;
  /** The media type, without parameters. */
  type: string;
  json?: unknown;
  text?: string;
  headers?: Readonly<Record<string, string>>;
}>;

/** What the corpus file holds of each request, one line each. */
export type RecordedReply = Readonly<{ id: string; asks: string }> & Reply;

export function toReply(request: CorpusRequest, raw: RawReply, variables: Variables): Reply {
  const type = String(raw.headers["content-type"] ?? "")
    .split(";", 1)[0]!
    .trim()
    .toLowerCase();
  const text = raw.body.toString("utf8");
  const keep = (request.keep ?? []).flatMap((name) => {
    const value = raw.headers[name];
    return value === undefined || raw.status >= 400 ? [] : [[name, String(value)]];
  });
  return {
    status: raw.status,
    type,
    ...(type === "application/json" && text !== ""
      ? { json: normalized(parseReply(text), "", "", variables) }
      : type === "text/html" && raw.status >= 400
        ? {} // a page for people
        : { text: masked(text, "", variables) }),
    ...(keep.length === 0 ? {} : { headers: Object.fromEntries(keep) }),
  };
}

/** Integers that a number cannot hold are compared as text. */
export function parseReply(text: string): unknown {
  return JSON.parse(text.replace(/(?<=[:[,]\s*)-?\d{16,}(?=\s*[,}\]])/g, '"$&"'));
}

/** Keeps the values of a reply that later requests speak of; the names of those that are not there. */
export function saveVariables(
  request: CorpusRequest,
  raw: RawReply,
  variables: Variables,
): readonly string[] {
  return Object.entries(request.save ?? {}).flatMap(([name, path]) => {
    let value: unknown = parseReply(raw.body.toString("utf8"));
    for (const key of path.split("."))
      value = (value as Record<string, unknown> | undefined)?.[key];
    if (typeof value !== "string") return [name];
    variables.set(name, value);
    return [];
  });
}

/** Lists whose order no server promises: they are put in the order of their keys. */
const UNORDERED = new Set([
  "tags",
  "params",
  "data.metrics",
  "aliases",
  "dataset_inputs",
  "events",
]);

function normalized(value: unknown, key: string, parent: string, variables: Variables): unknown {
  if (Array.isArray(value)) {
    const items = value.map((each) => normalized(each, key, parent, variables));
    if (!UNORDERED.has(key) && !UNORDERED.has(`${parent}.${key}`)) return items;
    return items.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  }
  if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, each]) => [name, normalized(each, name, key, variables)]);
    return Object.fromEntries(entries);
  }
  if (typeof value === "string") return masked(value, key, variables);
  if (typeof value === "number" && value > THIS_CENTURY_MS && /time/.test(key)) return "<time>";
  return value;
}

/** Requests use small times, so a large one was read from the server's clock. */
const THIS_CENTURY_MS = 1e12;
const LONGEST_TEXT = 300;

function masked(text: string, key: string, variables: Variables): string {
  if (key === "next_page_token") return "<token>";
  const sql = text.search(/(Error: )?\(sqlite3\./);
  if (key === "message" && sql >= 0) return `${text.slice(0, sql)}<SQL>`;
  if (key === "message" && text.length > 3 * LONGEST_TEXT) return `${text.slice(0, LONGEST_TEXT)}…`;
  let result = text;
  for (const [name, value] of variables) {
    if (/^\d+$/.test(value)) {
      const inMessage = new RegExp(`(?<=experiment\\b[^.]{0,40}?[ =])${value}(?![\\w.-])`, "gi");
      if (key === "experiment_id" && result === value) result = `{{${name}}}`;
      const root = new RegExp(`(?<=^mlflow-artifacts:/)${value}(?=/|$)`);
      result = result.replace(root, `{{${name}}}`);
      if (key === "message") result = result.replace(inMessage, `{{${name}}}`);
      if (key === "message" || key === "detail") {
        result = result.replace(new RegExp(`(?<=')${value}(?=/)`, "g"), `{{${name}}}`);
      }
    } else if (/^(m-)?[0-9a-f]{32}$|^[0-9a-f-]{36}$/.test(value)) {
      result = result.replaceAll(value, `{{${name}}}`);
    }
  }
  if (key === "experiment_id") result = result.replace(/^[1-9]\d*$/, "<number>");
  result = result
    .replace(/(?<=^mlflow-artifacts:\/)[1-9]\d*/, "<number>")
    .replace(/\bm-[0-9a-f]{32}\b/g, (id) => (id === UNKNOWN_MODEL ? id : "<model id>"))
    .replace(/(?<![\w-])[0-9a-f]{32}\b/g, (id) => (id === UNKNOWN_RUN ? id : "<id>"))
    .replace(/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/g, (id) =>
      id.startsWith("00000000-") ? id : "<uuid>",
    )
    .replace(/^[a-z]+-[a-z]+-\d{1,4}$/, "<name>");
  if (result.length <= LONGEST_TEXT || key === "message") return result;
  const digest = createHash("sha256").update(result).digest("hex").slice(0, 16);
  return `<${[...result].length} characters, ${digest}>`;
}

const UNKNOWN_RUN = "0123456789abcdef0123456789abcdef";
const UNKNOWN_MODEL = `m-${UNKNOWN_RUN}`;

/** Ties a recorded reply to its request: a request that changed must be asked anew. */
export function digestOf(request: CorpusRequest): string {
  const { method, path, headers = {}, body = null, keep = [] } = request;
  const text = JSON.stringify([method, path, headers, body, keep]);
  return createHash("sha256").update(text).digest("hex").slice(0, 12);
}

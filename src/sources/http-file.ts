import type { Effects } from "../core/effects.ts";
import { DuetMindError } from "../core/errors.ts";
import { digestBytes, digestHex } from "../core/hash.ts";
import { formatOf } from "../table/source-files.ts";
import type { DataFormat } from "../table/source-params.ts";
import { NOT_MODIFIED, toValidators } from "./http-client.ts";
import type { HttpResponse } from "./http-exchange.ts";
import type { Fetch } from "./http-rows.ts";
import { commitStaged, type Part, readHead, receive, type Staged } from "./http-staged.ts";

/** Fetches the file at an address as it is, unless the server says that it is the one we have. */
export async function fetchFile(
  fetch: Fetch,
  declared: DataFormat | undefined,
  effects: Effects,
): Promise<Staged> {
  const { client, base, folder, before, request } = fetch;
  const subject = client.show(base);
  const task = effects.progress.start(`fetch ${subject}`);
  const fetched = await client.get(base, toValidators(before?.parts[0]), async (response) => {
    const format = declared ?? formatByType(response) ?? formatByName(base);
    const body = bounded(fetch, checked(response, format, subject));
    const { digest, sizeBytes } = await receive(folder, body, effects);
    const part: Part = {
      page: digestBytes(""),
      next: null,
      etag: response.headers.etag ?? null,
      last_modified: response.headers["last-modified"] ?? null,
      size_bytes: sizeBytes,
      rows: 0,
    };
    return { format, digest, part };
  });
  if (fetched === NOT_MODIFIED) {
    task.done("unchanged");
    return before!;
  }
  const { format, digest, part } = fetched;
  task.done(`${part.size_bytes} bytes`);
  const file = `${digestHex(digest)}.${format}${suffixOf(await readHead(folder, 4))}`;
  return commitStaged(folder, { request, file, sha256: digest, format, parts: [part] }, effects);
}

const TYPES: Readonly<Record<string, DataFormat>> = {
  "text/csv": "csv",
  "text/tab-separated-values": "tsv",
  "application/json": "json",
  "application/x-ndjson": "ndjson",
  "application/ndjson": "ndjson",
  "application/jsonl": "ndjson",
  "application/jsonlines": "ndjson",
  "application/vnd.apache.parquet": "parquet",
  "application/x-parquet": "parquet",
};

function formatByType({ headers }: HttpResponse): DataFormat | undefined {
  return TYPES[(headers["content-type"] ?? "").split(";")[0]!.trim().toLowerCase()];
}

function formatByName(url: URL): DataFormat {
  return formatOf(url.origin + url.pathname);
}

/** A file that is compressed in itself keeps the ending by which it is read. */
function suffixOf(head: Uint8Array): string {
  if (head[0] === 0x1f && head[1] === 0x8b) return ".gz";
  const isZstd = head[0] === 0x28 && head[1] === 0xb5 && head[2] === 0x2f && head[3] === 0xfd;
  return isZstd ? ".zst" : "";
}

/** A sign-in page with status 200 is no data. */
async function* checked(
  { headers, body }: HttpResponse,
  format: DataFormat,
  subject: string,
): AsyncGenerator<Uint8Array> {
  let isFirst = true;
  for await (const chunk of body) {
    const isMarkup =
      isFirst && /^\s*</.test(Buffer.from(chunk.subarray(0, 100)).toString("latin1"));
    if (isMarkup && /html/i.test(headers["content-type"] ?? "")) {
      throw new DuetMindError("BAD_INPUT", `${subject}: expected ${format}, got HTML`, {
        hint: "a page for people often means that the address or the credentials are wrong",
      });
    }
    isFirst = false;
    yield chunk;
  }
}

async function* bounded(
  { client, params, base }: Fetch,
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  const limit = params.limits.total_bytes;
  let sizeBytes = 0;
  for await (const chunk of chunks) {
    sizeBytes += chunk.length;
    if (sizeBytes > limit) {
      const message = `${client.show(base)}: expected at most ${limit} bytes, got more`;
      throw new DuetMindError("BAD_INPUT", message, {
        hint: "raise limits.total_bytes of the source",
      });
    }
    yield chunk;
  }
}

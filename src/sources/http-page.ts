import { DuetMindError } from "../core/errors.ts";
import type { HttpResponse } from "./http-exchange.ts";
import { parsePlace, valueAt } from "./json-place.ts";
import { elementLines, sliceAt } from "./json-slice.ts";

/** One JSON document with rows in it. */
export type JsonPage = Readonly<{
  /** Its address, as messages show it. */
  subject: string;
  text: string;
  document: unknown;
  /** The rows as they are written, each on one line. */
  lines: readonly string[];
  /** The header Link. */
  link: string | undefined;
}>;

/** Reads a document to its end and finds the rows at `records`. Throws BAD_INPUT on what it is not. */
export async function readPage(
  { headers, body }: HttpResponse,
  records: string,
  limitBytes: number,
  subject: string,
): Promise<JsonPage> {
  const bytes = await readBounded(body, limitBytes, subject);
  const text = toText(bytes, subject);
  const document = parseDocument(text, headers["content-type"], subject);
  const steps = parsePlace(records);
  checkRecords(valueAt(document, steps), records, subject);
  const lines = elementLines(text, sliceAt(text, steps)!.start);
  const link = headers["link"];
  return { subject, text, document, lines, link: Array.isArray(link) ? link.join(", ") : link };
}

/**
 * The text or number at a place, as it is written: a long number loses no digit. Undefined where there
 * is nothing, null, false or "".
 */
export function textAt({ document, text, subject }: JsonPage, place: string): string | undefined {
  const steps = parsePlace(place);
  const value = valueAt(document, steps);
  if (value === undefined || value === null || value === false || value === "") return undefined;
  if (typeof value === "string") return value;
  if (typeof value === "number") {
    const { start, end } = sliceAt(text, steps)!;
    return text.slice(start, end);
  }
  throw new DuetMindError(
    "BAD_INPUT",
    `${subject}: expected text or a number at "${place}", got ${kindOf(value)}`,
    { hint: "check `pages.at` of the source" },
  );
}

async function readBounded(
  body: AsyncIterable<Uint8Array>,
  limitBytes: number,
  subject: string,
): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const chunk of body) {
    sizeBytes += chunk.length;
    if (sizeBytes > limitBytes) {
      throw new DuetMindError(
        "BAD_INPUT",
        `${subject}: expected at most ${limitBytes} bytes in a page, got more`,
        { hint: "ask for smaller pages, or raise limits.page_bytes of the source" },
      );
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function toText(bytes: Uint8Array, subject: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    throw new DuetMindError("BAD_INPUT", `${subject}: expected text in UTF-8, got other bytes`, {
      cause: error,
    });
  }
}

/** Says what came in words: the text itself may hold what must not be shown. */
function parseDocument(text: string, contentType: string | undefined, subject: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const { message } = error as Error;
    const at = Number(message.match(/position (\d+)/)?.[1] ?? 0);
    const isCut = /end of JSON|Unterminated/.test(message) || at >= text.length;
    const type = contentType === undefined ? "" : ` (${contentType})`;
    let got = `other text${type}`;
    if (text.trim() === "") got = "an empty answer";
    else if (/^\s*</.test(text)) got = `HTML or XML${type}`;
    else if (isCut) got = `a document that is cut short after ${text.length} characters`;
    throw new DuetMindError("BAD_INPUT", `${subject}: expected a JSON document, got ${got}`, {
      hint: "a page for people often means that the address or the credentials are wrong",
    });
  }
}

function checkRecords(value: unknown, place: string, subject: string): void {
  const where = place === "" ? "as the document" : `at "${place}"`;
  const hint = "records: /a/b is where the rows are in the document";
  if (!Array.isArray(value)) {
    const got = value === undefined ? "nothing there" : kindOf(value);
    const message = `${subject}: expected an array of rows ${where}, got ${got}`;
    throw new DuetMindError("BAD_INPUT", message, { hint });
  }
  const wrong = value.findIndex((row) => kindOf(row) !== "an object");
  if (wrong < 0) return;
  const message = `${subject}: expected objects in the array ${where}, got ${kindOf(value[wrong])} as number ${wrong + 1}`;
  throw new DuetMindError("BAD_INPUT", message, { hint });
}

function kindOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "an array";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}

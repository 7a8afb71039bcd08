import { createReadStream, createWriteStream } from "node:fs";
import { Readable } from "node:stream";
import { StringDecoder } from "node:string_decoder";
import { createGunzip, createGzip } from "node:zlib";
import { writeStream } from "../core/write-stream.ts";
import { type DumpHeader, type DumpLine, damagedDump, dumpLine } from "./dump-format.ts";

/** Writes the lines of a dump as they come, for this user's eyes only. */
export async function writeDumpFile(
  path: string,
  pieces: AsyncIterable<readonly DumpLine[]>,
): Promise<void> {
  const output = createWriteStream(path, { mode: 0o600, flags: "wx" });
  await writeStream([Readable.from(toText(pieces)), createGzip()], output);
}

/** The lines of a dump, each checked to be one; a damaged file is CHECKSUM_MISMATCH. */
export async function* readDumpFile(path: string): AsyncGenerator<readonly DumpLine[]> {
  for await (const texts of readLines(path)) {
    yield texts.map((text) => {
      const json = parseJson(text);
      if (isRow(json)) return json;
      const parsed = dumpLine.safeParse(json);
      if (!parsed.success) throw damagedDump(path, "a line of a dump", text.slice(0, 40));
      return parsed.data;
    });
  }
}

/** Most lines are rows: they need no schema. */
function isRow(json: unknown): json is (string | null)[] {
  return Array.isArray(json) && json.every((value) => typeof value === "string" || value === null);
}

export async function readDumpHeader(path: string): Promise<DumpHeader> {
  for await (const [line] of readDumpFile(path)) {
    if (line !== undefined && !Array.isArray(line) && line.kind === "header") return line;
    break;
  }
  throw damagedDump(path, "a header", "none");
}

async function* toText(pieces: AsyncIterable<readonly DumpLine[]>): AsyncGenerator<string> {
  for await (const lines of pieces) {
    if (lines.length > 0) yield `${lines.map((line) => JSON.stringify(line)).join("\n")}\n`;
  }
}

async function* readLines(path: string): AsyncGenerator<readonly string[]> {
  const gunzip = createGunzip();
  const source = createReadStream(path);
  source.on("error", (error) => gunzip.destroy(error));
  source.pipe(gunzip);
  const decoder = new StringDecoder("utf8");
  let rest = "";
  try {
    for await (const chunk of gunzip) {
      const text = decoder.write(chunk as Buffer);
      const end = text.lastIndexOf("\n"); // only in what is new: a line may be 16 MB
      if (end >= 0) yield (rest + text.slice(0, end)).split("\n");
      rest = end < 0 ? rest + text : text.slice(end + 1);
    }
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "";
    if (code.startsWith("Z_"))
      throw damagedDump(path, "a whole gzip file", (error as Error).message);
    throw error;
  } finally {
    source.destroy();
  }
  if (rest !== "") throw damagedDump(path, "whole lines", "a part of one at the end");
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // the schema then says that it is no line
  }
}

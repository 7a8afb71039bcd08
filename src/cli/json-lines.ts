import { createReadStream } from "node:fs";
import { resolve } from "node:path";
import type { z } from "zod";
import { DuetMindError } from "../core/errors.ts";
import { fromReadError } from "../core/files.ts";
import { parseWith } from "../core/parse.ts";
import { readLines } from "../core/read-lines.ts";

/** The lines of a file that a person named; - is stdin. */
export async function* linesOf(path: string, cwd: string): AsyncGenerator<string> {
  const stream = path === "-" ? process.stdin : createReadStream(resolve(cwd, path));
  try {
    yield* readLines(stream, path);
  } catch (error) {
    throw fromReadError(error, path);
  }
}

/** A line of a file, parsed by a schema. */
export function parseJsonLine<T>(
  schema: z.ZodType<T>,
  text: string,
  path: string,
  line: number,
): T {
  const value = readJsonLine(text, path, line);
  try {
    return parseWith(schema, value, `${path}: line ${line}`, { file: path });
  } catch (error) {
    if (!(error instanceof DuetMindError)) throw error;
    throw new DuetMindError(error.code, error.message, { ...error.details, line });
  }
}

function readJsonLine(text: string, path: string, line: number): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const message = (error as Error).message;
    throw new DuetMindError("BAD_INPUT", `${path}: line ${line}: expected JSON, got ${message}`, {
      ...{ file: path, line, cause: error },
    });
  }
}

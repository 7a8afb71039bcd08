import type { z } from "zod";
import { DuetMindError } from "../../core/errors.ts";
import { loneSurrogate } from "../../core/lone-surrogate.ts";
import { findIssues, parseWith } from "../../core/parse.ts";

/** NUL and halves of surrogate pairs, as JSON.stringify writes them: no database can hold either. */
const UNSTORABLE = /(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f][0-9a-f]{2})/;

/** Parses a part of a request; the error lists every fault, and its message names the first. */
export function parseRequest<T>(schema: z.ZodType<T>, input: unknown, subject: string): T {
  if (UNSTORABLE.test(JSON.stringify(input) ?? "")) {
    const { path, got } = findUnstorable(input, []) ?? { path: [], got: "others" };
    const where = [subject, ...(path.length === 0 ? [] : [path.join(".")])].join(": ");
    throw new DuetMindError(
      "BAD_INPUT",
      `${where}: expected whole characters and no NUL, got ${got}`,
    );
  }
  try {
    return parseWith(schema, input, subject);
  } catch (error) {
    if (!(error instanceof DuetMindError)) throw error;
    const issues = findIssues(schema, input);
    throw new DuetMindError(error.code, error.message, { ...error.details, issues });
  }
}

type Unstorable = Readonly<{ path: readonly string[]; got: string }>;

/** The first text that cannot be stored, a key too, and what is wrong with it. */
function findUnstorable(value: unknown, path: readonly string[]): Unstorable | undefined {
  if (typeof value === "string") {
    const nul = value.indexOf("\0");
    const got = nul < 0 ? loneSurrogate(value) : `U+0000 at character ${nul + 1}`;
    return got === undefined ? undefined : { path, got };
  }
  if (typeof value !== "object" || value === null) return undefined;
  for (const [key, each] of Object.entries(value)) {
    const found = findUnstorable(key, path) ?? findUnstorable(each, [...path, key]);
    if (found !== undefined) return found;
  }
  return undefined;
}

import type { z } from "zod";
import { DuetMindError } from "../../core/errors.ts";
import { findIssues, parseWith } from "../../core/parse.ts";

/** NUL and halves of surrogate pairs, as JSON.stringify writes them: no database can hold either. */
const UNSTORABLE = /(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f][0-9a-f]{2})/;

/** Parses a part of a request; the error lists every fault, and its message names the first. */
export function parseRequest<T>(schema: z.ZodType<T>, input: unknown, subject: string): T {
  if (UNSTORABLE.test(JSON.stringify(input) ?? "")) {
    throw new DuetMindError(
      "BAD_INPUT",
      `${subject}: expected whole characters and no NUL, got others`,
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

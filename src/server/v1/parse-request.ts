import type { z } from "zod";
import { DuetMindError } from "../../core/errors.ts";
import { findIssues, parseWith } from "../../core/parse.ts";

/** Parses a part of a request; the error lists every fault, and its message names the first. */
export function parseRequest<T>(schema: z.ZodType<T>, input: unknown, subject: string): T {
  try {
    return parseWith(schema, input, subject);
  } catch (error) {
    if (!(error instanceof DuetMindError)) throw error;
    const issues = findIssues(schema, input);
    throw new DuetMindError(error.code, error.message, { ...error.details, issues });
  }
}

import type { Writable } from "node:stream";
import { DuetMindError } from "../core/errors.ts";

/** Tells the log of a command that goes on what failed behind it. */
export function reportTo(log: Writable): (error: unknown) => void {
  return (error) => log.write(`error: ${describe(error)}\n`);
}

function describe(error: unknown): string {
  if (error instanceof DuetMindError) return `${error.code}: ${error.message}`;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

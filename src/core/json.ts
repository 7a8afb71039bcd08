import { DuetMindError } from "./errors.ts";

/** JSON from outside; a syntax error names the file. */
export function parseJson(bytes: Uint8Array | string, file: string): unknown {
  try {
    return JSON.parse(typeof bytes === "string" ? bytes : new TextDecoder().decode(bytes));
  } catch (error) {
    throw new DuetMindError(
      "BAD_INPUT",
      `${file}: expected JSON, got ${(error as Error).message}`,
      {
        file,
        cause: error,
      },
    );
  }
}

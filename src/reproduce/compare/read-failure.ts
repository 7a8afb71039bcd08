import { DuetMindError } from "../../core/errors.ts";
import type { Value } from "../values/value.ts";

/** Why a file or a revision gives no data, in the words that DVC's JSON has for it. */
export type ReadFailure = Readonly<{ type: string; message: string }>;

/** `{"type": …, "msg": …}` */
export function failureJson({ type, message }: ReadFailure): Value {
  return new Map([
    ["type", type],
    ["msg", message],
  ]);
}

/** A file that is not there. */
export function missingFile(shown: string): ReadFailure {
  return { type: "FileNotFoundError", message: `[Errno 2] No such file or directory: '${shown}'` };
}

const PARSERS: Readonly<Record<string, string>> = {
  ".json": "JSON",
  ".toml": "TOML",
  ".py": "Python",
};

/** A file that is not in the format which its name says. */
export function corruptedFile(shown: string, extension: string): ReadFailure {
  const format = PARSERS[extension] ?? "YAML";
  return {
    type: `${format}FileCorruptedError`,
    message: `unable to read: '${shown}', ${format} file structure is corrupted`,
  };
}

/** A file whose bytes are no text; DVC writes `utf-8` of values and `utf8` of plots. */
export function undecodableFile(shown: string, encoding: "utf-8" | "utf8"): ReadFailure {
  return { type: "EncodingError", message: `unable to read: '${shown}', is not valid ${encoding}` };
}

/** A repository whose dvc.yaml, .dvc files or locks cannot be read. */
export function revisionFailure(error: unknown): ReadFailure {
  const isContent =
    error instanceof DuetMindError &&
    (error.code.startsWith("DVC_YAML") || error.code === "BAD_INPUT");
  if (!isContent) throw error;
  const type =
    error.code === "DVC_YAML_TEMPLATE"
      ? "ResolveError"
      : error.details.line === undefined
        ? "YAMLValidationError"
        : "YAMLSyntaxError";
  return { type, message: error.message };
}

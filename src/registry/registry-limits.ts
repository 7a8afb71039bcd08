import { DuetMindError } from "../core/errors.ts";
import { assertKey, assertLength, withNul } from "../tracking/limits.ts";
import type { Entry } from "../tracking/log-batch.ts";

/** Lengths of the registry's fields, in characters (reference: mlflow.md, section 6). */
export const MAX_MODEL_NAME = 500;
export const MAX_REGISTRY_TAG_VALUE = 100_000;
export const MAX_ALIAS = 255;
export const MAX_SOURCE = 2048;
export const MAX_RUN_ID = 256;

/** A name is no path: it stands alone in `models:/NAME/1` and in the names of files. */
export function assertModelName(name: string): void {
  if (name.trim() === "") {
    throw new DuetMindError("BAD_INPUT", "Registered model name cannot be empty.");
  }
  if (/[/:]/.test(name) || name === "." || name.startsWith("..")) {
    throw new DuetMindError(
      "BAD_INPUT",
      `Invalid name: expected a registered model name without "/" and ":" that does not start with "..", got '${name}'`,
    );
  }
  assertPlainText(name, MAX_MODEL_NAME, "Registered model name");
}

export function assertRegistryTag({ key, value }: Entry): void {
  assertKey(key, "key");
  assertPlainText(value, MAX_REGISTRY_TAG_VALUE, "Tag value");
}

export function assertPlainText(text: string, maxCharacters: number, what: string): void {
  assertLength(text, maxCharacters, what);
  if (text.includes("\0")) throw withNul(what);
}

export function assertAlias(alias: string): void {
  if (!/^[\p{L}\p{N}_-]+$/u.test(alias)) {
    throw new DuetMindError(
      "BAD_INPUT",
      `Invalid alias name: '${alias}'. Expected letters, digits, underscores and dashes only.`,
    );
  }
  assertLength(alias, MAX_ALIAS, "Alias name");
}

/** Aliases that would read as a version number or as the newest version cannot be given. */
export function assertFreeAlias(alias: string): void {
  assertAlias(alias);
  if (!isLatest(alias) && !/^v\d+$/i.test(alias)) return;
  throw new DuetMindError(
    "BAD_INPUT",
    isLatest(alias)
      ? "'latest' alias name (case insensitive) is reserved."
      : `Version alias name '${alias}' is reserved.`,
  );
}

export function isLatest(alias: string): boolean {
  return alias.toLowerCase() === "latest";
}

/** A version as the database counts them; 0, which no version has, for a number out of its range. */
export function toVersionNumber(given: string): number {
  if (!/^[+-]?\d+$/.test(given)) {
    throw new DuetMindError(
      "BAD_INPUT",
      `Parameter 'version' must be an integer, got '${given.slice(0, 100)}'.`,
    );
  }
  const version = Number(given);
  return version > 0 && version < 2 ** 31 ? version : 0;
}

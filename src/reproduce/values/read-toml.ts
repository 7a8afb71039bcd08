import { createRequire } from "node:module";
import { DuetMindError } from "../../core/errors.ts";
import type { MapKey, Value } from "./value.ts";

type Toml = typeof import("smol-toml");

/** TOML, where 1 is an integer and 1.0 a float; a date is the text that is written, as in YAML. */
export function readToml(text: string, file: string): Value {
  const { parse, TomlError } = createRequire(import.meta.url)("smol-toml") as Toml; // few need it
  try {
    return toValue(parse(text, { integersAsBigInt: true }));
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const { line, column } = error;
    const what = error.message.split("\n")[0]!.replace(/^Invalid TOML document: /, "");
    throw new DuetMindError(
      "BAD_INPUT",
      `${file}:${line}:${column}: expected valid TOML, got ${what}`,
      { file, line, column, cause: error },
    );
  }
}

function toValue(value: unknown): Value {
  if (Array.isArray(value)) return value.map(toValue);
  if (value instanceof Date) return value.toISOString();
  if (typeof value !== "object" || value === null) return value as Value;
  return new Map(Object.entries(value).map(([key, item]): [MapKey, Value] => [key, toValue(item)]));
}

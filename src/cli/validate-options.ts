import { z } from "zod";
import { DuetMindError } from "../core/errors.ts";
import { parseWith } from "../core/parse.ts";
import { DATA_FORMATS, type DataFormat } from "../table/source-params.ts";

/** How a data file is read that a person names. */
export type DataOptions = Readonly<{
  format: DataFormat | undefined;
  types: Readonly<Record<string, string>>;
}>;

type Common = DataOptions &
  Readonly<{
    /** Infinity for all. */
    rows: number;
    maxCases: number;
    /** File of the page with pictures. */
    html: string | undefined;
  }>;

export type ValidateArguments = Common &
  (
    | Readonly<{ kind: "project" }>
    | Readonly<{ kind: "infer"; data: string }>
    | Readonly<{
        kind: "file";
        schema: string;
        data: string;
        output: string | undefined;
        quarantine: string | undefined;
      }>
  );

/** `--format` and `--types`, which every command has that reads a named file. */
export function parseDataOptions(options: Readonly<Record<string, unknown>>): DataOptions {
  return {
    format: parseFormat(options["format"] as string | undefined),
    types: parseTypes(options["types"] as string | undefined),
  };
}

/** What the words of `duetmind validate` ask for: a file, a proposal, or the whole project. */
export function parseValidateOptions(
  options: Readonly<Record<string, unknown>>,
): ValidateArguments {
  const text = (name: string) => options[name] as string | undefined;
  const common: Common = {
    ...parseDataOptions(options),
    html: text("html"),
    rows: parseCount(text("rows"), "--rows", 1),
    maxCases: parseCount(text("maxCases"), "--max-cases", 0),
  };
  const schema = text("schema");
  const data = text("data");
  const inferred = text("infer");
  if (inferred !== undefined) {
    if (common.html !== undefined) {
      throw new DuetMindError("USAGE", "--html: expected a validation to show, got --infer");
    }
    if (schema !== undefined || data !== undefined) {
      throw new DuetMindError("USAGE", "--infer: expected it alone, got --schema or --data too");
    }
    return { ...common, kind: "infer", data: inferred };
  }
  if (schema === undefined && data === undefined) {
    const file = ["output", "quarantine", "format", "types"].find(
      (name) => options[name] !== undefined,
    );
    if (file === undefined) return { ...common, kind: "project" };
    throw new DuetMindError("USAGE", `--${file}: expected --schema and --data beside it, got none`);
  }
  if (schema === undefined || data === undefined) {
    const missing = schema === undefined ? "--schema" : "--data";
    throw new DuetMindError("USAGE", `validate: expected --schema and --data, got no ${missing}`);
  }
  const { output, quarantine } = { output: text("output"), quarantine: text("quarantine") };
  return { ...common, kind: "file", schema, data, output, quarantine };
}

function parseFormat(text: string | undefined): DataFormat | undefined {
  const format = DATA_FORMATS.find((known) => known === text);
  if (text === undefined || format !== undefined) return format;
  throw new DuetMindError("USAGE", `--format: expected ${DATA_FORMATS.join(", ")}, got "${text}"`);
}

function parseTypes(text: string | undefined): Readonly<Record<string, string>> {
  if (text === undefined) return {};
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new DuetMindError(
      "USAGE",
      `--types: expected JSON such as {"seen": "datetime64[ns]"}, got ${text}`,
      {
        cause,
      },
    );
  }
  return parseWith(z.record(z.string(), z.string()), value, "--types", { code: "USAGE" });
}

function parseCount(text: string | undefined, option: string, least: number): number {
  if (text === undefined || text === "all") return Number.POSITIVE_INFINITY;
  const count = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(count) && count >= least) return count;
  throw new DuetMindError(
    "USAGE",
    `${option}: expected all or a number from ${least}, got "${text}"`,
  );
}

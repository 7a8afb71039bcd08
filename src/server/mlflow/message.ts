import { DuetMindError } from "../../core/errors.ts";
import type { Int64 } from "../../core/int64.ts";
import { writeWireJson } from "./write-json.ts";

/**
 * Requests of MLflow's API, read by the rules of its JSON (reference: mlflow.md, sections 4 and 5):
 * fields in snake_case, unknown ones ignored, null as absent, enums by name or number, numbers also as
 * text. Where MLflow reads half of a body and answers 200, the field that cannot be read is named.
 *
 *     const setTag = message({ run_id: required(text), key: required(text), value: text });
 *     type SetTag = MessageOf<typeof setTag>; // { run_id: string; key: string; value: string | undefined }
 */
export type Field<T> = Readonly<{
  /** Reads a value that is there; `name` is its path, such as `metrics[0].key`. */
  read(value: unknown, name: string): T;
  /** What an absent field means; without it the field is required. */
  absent?: () => T;
  repeated?: boolean;
}>;

export type MessageOf<F> = F extends Field<infer T> ? T : never;

type Optional<T> = Field<T | undefined>;

function optional<T>(read: (value: unknown, name: string) => T): Optional<T> {
  return { read, absent: () => undefined };
}

/** PostgreSQL can hold neither NUL nor half a surrogate pair in a text: none gets further than here. */
export const text: Optional<string> = optional((value, name) => {
  if (typeof value !== "string") return invalid(value, name);
  if (value.includes("\0")) return refuse(value, name, "no NUL character");
  return /\p{Surrogate}/u.test(value) ? refuse(value, name, "whole characters") : value;
});

function refuse(value: string, name: string, expected: string): never {
  throw new DuetMindError(
    "BAD_INPUT",
    `Invalid value ${shown(value)} for parameter '${name}' supplied: expected ${expected}, got another text`,
    { path: name },
  );
}

export const bool: Optional<boolean> = optional((value, name) => {
  return typeof value === "boolean" ? value : invalid(value, name);
});

export const double: Optional<number> = optional((value, name) => {
  if (typeof value === "number") return value;
  if (typeof value === "bigint" || typeof value === "boolean") return Number(value);
  if (typeof value !== "string") return invalid(value, name);
  const word = DOUBLE_WORDS.get(value.toLowerCase());
  if (word !== undefined) return word;
  return /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(value)
    ? Number(value)
    : invalid(value, name);
});

const DOUBLE_WORDS: ReadonlyMap<string, number> = new Map([
  ["nan", Number.NaN],
  ["inf", Number.POSITIVE_INFINITY],
  ["infinity", Number.POSITIVE_INFINITY],
  ["-inf", Number.NEGATIVE_INFINITY],
  ["-infinity", Number.NEGATIVE_INFINITY],
]);

export const int64: Optional<Int64> = optional((value, name) => {
  const integer = toBigInt(value);
  if (integer === undefined || BigInt.asIntN(64, integer) !== integer) return invalid(value, name);
  const number = Number(integer);
  return Number.isSafeInteger(number) ? number : integer;
});

export const int32: Optional<number> = optional((value, name) => {
  const integer = toBigInt(value);
  if (integer === undefined || BigInt.asIntN(32, integer) !== integer) return invalid(value, name);
  return Number(integer);
});

function toBigInt(value: unknown): bigint | undefined {
  if (typeof value === "bigint") return value;
  if (typeof value === "number") return Number.isSafeInteger(value) ? BigInt(value) : undefined;
  return typeof value === "string" && /^[+-]?\d{1,20}$/.test(value) ? BigInt(value) : undefined;
}

/** An enum: its names and their numbers. */
export function enumOf<K extends string>(numbers: Readonly<Record<K, number>>): Optional<K> {
  const names = Object.keys(numbers) as K[];
  return optional((value, name) => {
    const found = names.find((each) => each === value || String(numbers[each]) === String(value));
    return found ?? invalid(value, name);
  });
}

/** A field that has to be there; an empty text counts as absent, as in MLflow. */
export function required<T>(field: Optional<T>): Field<T> {
  return { read: (value, name) => field.read(value, name) as T };
}

export function list<T>(item: Field<T>): Field<readonly T[]> {
  return {
    repeated: true,
    absent: () => [],
    read: (value, name) =>
      Array.isArray(value)
        ? value.map((each, index) => item.read(each, `${name}[${index}]`) as T)
        : invalid(value, name),
  };
}

/** A list that has to be there; it may be empty. */
export function requiredList<T>(item: Field<T>): Field<readonly T[]> {
  return { repeated: true, read: list(item).read };
}

type Fields = Readonly<Record<string, Field<unknown>>>;
type Read<F extends Fields> = Readonly<{ [K in keyof F]: MessageOf<F[K]> }>;

export function message<F extends Fields>(fields: F): Field<Read<F>> & { readonly fields: F } {
  return {
    fields,
    read(value, name) {
      if (typeof value !== "object" || value === null || Array.isArray(value)) {
        return invalid(value, name === "" ? "request" : name);
      }
      const read: Record<string, unknown> = {};
      for (const key of Object.keys(fields)) {
        const field = fields[key]!;
        const given = (value as Readonly<Record<string, unknown>>)[key];
        const path = name === "" ? key : `${name}.${key}`;
        if (given === undefined || given === null) read[key] = absent(field, path);
        else if (given === "" && field.absent === undefined) missing(path);
        else read[key] = field.read(given, path);
      }
      return read as Read<F>;
    },
  };
}

function absent(field: Field<unknown>, path: string): unknown {
  return field.absent === undefined ? missing(path) : field.absent();
}

/** A query string as the message it stands for: repeated keys are lists, booleans are words. */
export function fromQuery(
  query: Readonly<Record<string, string | readonly string[]>>,
  fields: Fields,
): Readonly<Record<string, unknown>> {
  const given: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(query)) {
    const field = fields[key];
    if (field === undefined) continue;
    const values = typeof value === "string" ? [value] : value;
    const last = values.at(-1);
    if (field.repeated === true) given[key] = values;
    else if (field === bool && (last === "true" || last === "false")) given[key] = last === "true";
    else given[key] = last;
  }
  return given;
}

export function missing(name: string): never {
  throw new DuetMindError(
    "BAD_INPUT",
    `Missing value for required parameter '${name}'. ${SEE_DOCS}`,
    { path: name },
  );
}

export function invalid(value: unknown, name: string): never {
  throw new DuetMindError(
    "BAD_INPUT",
    `Invalid value ${shown(value)} for parameter '${name}' supplied:  Hint: Value was of type '${pythonType(value)}'. ${SEE_DOCS}`,
    { path: name },
  );
}

const SEE_DOCS = "See the API docs for more information about request parameters.";
const LONGEST_SHOWN = 1000;

function shown(value: unknown): string {
  const text = writeWireJson(value);
  return text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)}…` : text;
}

/** The message names Python's types, which is what its readers know. */
function pythonType(value: unknown): string {
  if (value === null) return "NoneType";
  if (Array.isArray(value)) return "list";
  if (typeof value === "number") return Number.isInteger(value) ? "int" : "float";
  const names: Readonly<Record<string, string>> = {
    string: "str",
    boolean: "bool",
    bigint: "int",
    object: "dict",
  };
  return names[typeof value] ?? typeof value;
}

import { TrackingError } from "./tracking-error.ts";

/** An integer of 64 bits: a bigint where a number could not hold it exactly. */
export type Int64 = number | bigint;

/** An object of a reply, its types not yet known. */
export type Fields = Readonly<Record<string, unknown>>;

/** An object of a reply; anything else is not a reply of a tracking server. */
export function toFields(value: unknown, subject: string): Fields {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw badReply(subject, "an object", value);
  }
  return value as Fields;
}

/** The object at `name`, which must be there. */
export function objectAt(fields: Fields, name: string): Fields {
  return toFields(fields[name], name);
}

/** The list of objects at `name`; servers leave empty lists out. */
export function listAt(fields: Fields, name: string): readonly Fields[] {
  const list = fields[name] ?? [];
  if (!Array.isArray(list)) throw badReply(name, "a list", list);
  return list.map((each: unknown) => toFields(each, name));
}

/** The text at `name`; servers leave some empty ones out. */
export function textAt(fields: Fields, name: string): string {
  return optionalTextAt(fields, name) ?? "";
}

/** The text at `name`, or undefined where there is none. */
export function optionalTextAt(fields: Fields, name: string): string | undefined {
  const text = fields[name] ?? undefined;
  if (text !== undefined && typeof text !== "string") throw badReply(name, "a text", text);
  return text;
}

/** One of some words. */
export function wordAt<const W extends string>(
  fields: Fields,
  name: string,
  words: readonly W[],
): W {
  const text = textAt(fields, name);
  const word = words.find((each) => each === text);
  if (word === undefined) throw badReply(name, `one of ${words.join(", ")}`, text);
  return word;
}

/** The integer at `name`, exact; 0 where there is none. */
export function int64At(fields: Fields, name: string): Int64 {
  const value = fields[name] ?? 0;
  if (typeof value === "number" && Number.isInteger(value)) return value;
  if (typeof value !== "string" || !/^-?\d+$/.test(value))
    throw badReply(name, "an integer", value);
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : BigInt(value);
}

/** The number at `name`, also NaN and the infinities; 0 where there is none. */
export function doubleAt(fields: Fields, name: string): number {
  const value = fields[name] ?? 0;
  if (typeof value === "number") return value;
  if (typeof value !== "string" || value.trim() === "") throw badReply(name, "a number", value);
  const number = Number(value);
  if (Number.isNaN(number) && value !== "NaN") throw badReply(name, "a number", value);
  return number;
}

/** The time at `name`, in milliseconds on the wire; undefined where there is none. */
export function dateAt(fields: Fields, name: string): Date | undefined {
  if ((fields[name] ?? undefined) === undefined) return undefined;
  return new Date(Number(int64At(fields, name)));
}

/** Params and tags come as a list of keys and values. */
export function pairsAt(fields: Fields, name: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    listAt(fields, name).map((each) => [textAt(each, "key"), textAt(each, "value")]),
  );
}

/** An object without the fields that are undefined, which exact optional types do not allow. */
export function compact<T extends object>(value: T): Compact<T> {
  return Object.fromEntries(
    Object.entries(value).filter(([, each]) => each !== undefined),
  ) as Compact<T>;
}

/** A field that may be undefined becomes one that may be absent. */
export type Compact<T> = {
  [K in keyof T as undefined extends T[K] ? never : K]: T[K];
} & { [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined> };

function badReply(name: string, expected: string, got: unknown): TrackingError {
  const shown = typeof got === "object" ? JSON.stringify(got) : String(got);
  const message = `reply: ${name}: expected ${expected}, got ${shown.slice(0, 200)}`;
  return new TrackingError(200, "BAD_REPLY", message);
}

import type { Entry } from "../../tracking/log-batch.ts";
import { list, message, required, text } from "./message.ts";

const tag = message({ key: required(text), value: text });

/** A list of tags; a value that is not there is empty. */
export const tags = list(tag);

export function toEntries(given: readonly Readonly<{ key: string; value: string | undefined }>[]) {
  return given.map(({ key, value }): Entry => ({ key, value: value ?? "" }));
}

/** An empty list is left out of a reply, as every field that was never set. */
export function unlessEmpty<T>(items: readonly T[]): readonly T[] | undefined {
  return items.length === 0 ? undefined : items;
}

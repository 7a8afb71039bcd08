import { randomUUID } from "node:crypto";

/**
 * A value as the JSON that commands print: integers beyond 2^53 keep all digits, infinities are text,
 * NaN is null, and dates have been made text by whoever knows whether they have a zone.
 */
export function toJsonText(value: unknown): string {
  let marker: string | undefined;
  const text = JSON.stringify(value, (_, item: unknown) => {
    if (typeof item === "bigint") {
      marker ??= randomUUID();
      return `${marker}${item}`;
    }
    if (item === Number.POSITIVE_INFINITY) return "Infinity";
    return item === Number.NEGATIVE_INFINITY ? "-Infinity" : item;
  });
  return marker === undefined
    ? text
    : text.replaceAll(new RegExp(`"${marker}(-?\\d+)"`, "g"), "$1");
}

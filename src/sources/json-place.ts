/**
 * A place in a JSON document: a JSON Pointer (RFC 6901) when it begins with "/" or is empty, which is
 * the whole document; else names joined by dots. A number is a place in an array.
 *
 *     parsePlace("/data/items")   // ["data", "items"]
 *     parsePlace("data.items.0")  // ["data", "items", "0"]
 *     parsePlace("/a~1b")         // ["a/b"]
 */
export function parsePlace(text: string): readonly string[] {
  if (text === "") return [];
  if (!text.startsWith("/")) return text.split(".");
  return text
    .slice(1)
    .split("/")
    .map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));
}

/** What a parsed document has there; undefined where it has nothing. */
export function valueAt(document: unknown, steps: readonly string[]): unknown {
  let value = document;
  for (const step of steps) {
    if (typeof value !== "object" || value === null) return undefined;
    // own and enumerable: neither `constructor` nor the length of an array
    if (!Object.prototype.propertyIsEnumerable.call(value, step)) return undefined;
    value = (value as Record<string, unknown>)[step];
  }
  return value;
}

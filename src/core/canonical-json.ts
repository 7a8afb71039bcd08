/**
 * Canonical JSON after RFC 8785 (JCS): keys sorted by UTF-16 code unit, no white space, numbers in
 * ECMAScript's shortest form. Two equal values have one text, so its digest identifies the value.
 *
 *     canonicalJson({ b: 1.0, a: [true, null] })  // {"a":[true,null],"b":1}
 *
 * Throws on what JSON cannot hold: NaN, infinities, undefined in an array, functions, lone surrogates.
 * A key whose value is undefined is left out.
 */
export function canonicalJson(value: unknown): string {
  if (value === null || typeof value === "boolean") return String(value);
  if (typeof value === "string") return canonicalString(value);
  if (typeof value === "number") {
    if (!Number.isFinite(value)) throw new TypeError(`canonical JSON cannot hold ${value}`);
    return JSON.stringify(value);
  }
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (typeof value === "object") return canonicalObject(value as Record<string, unknown>);
  throw new TypeError(`canonical JSON cannot hold a ${typeof value}`);
}

function canonicalObject(value: Record<string, unknown>): string {
  const parts: string[] = [];
  for (const key of Object.keys(value).sort()) {
    const item = value[key];
    if (item !== undefined) parts.push(`${canonicalString(key)}:${canonicalJson(item)}`);
  }
  return `{${parts.join(",")}}`;
}

function canonicalString(text: string): string {
  if (!text.isWellFormed()) throw new TypeError("canonical JSON cannot hold a lone surrogate");
  return JSON.stringify(text);
}

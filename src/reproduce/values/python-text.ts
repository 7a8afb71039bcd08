import type { MapKey, Value, ValueMap } from "./value.ts";

/** Python's `repr` of a float: `1.0`, `1e-05`, `1e+16`. */
export function pythonFloat(x: number): string {
  if (Number.isNaN(x)) return "nan";
  if (!Number.isFinite(x)) return x > 0 ? "inf" : "-inf";
  const sign = x < 0 || Object.is(x, -0) ? "-" : "";
  const [mantissa, exponent] = Math.abs(x).toExponential().split("e") as [string, string];
  const digits = mantissa.replace(".", "");
  const power = Number(exponent);
  if (power < -4 || power >= 16) {
    const rest = digits.slice(1);
    const size = String(Math.abs(power)).padStart(2, "0");
    return `${sign}${digits[0]}${rest === "" ? "" : `.${rest}`}e${power < 0 ? "-" : "+"}${size}`;
  }
  if (power < 0) return `${sign}0.${"0".repeat(-power - 1)}${digits}`;
  const whole = digits.slice(0, power + 1).padEnd(power + 1, "0");
  return `${sign}${whole}.${digits.slice(power + 1) || "0"}`;
}

/** What `${}` puts into a longer text: `true`, `None`, `0.1`; undefined for a list or a mapping. */
export function pythonText(value: Value): string | undefined {
  if (value === null) return "None";
  if (typeof value === "number") return pythonFloat(value);
  return typeof value === "object" ? undefined : String(value);
}

/** Python's `json.dumps` of a text: DEL and everything beyond ASCII as \uXXXX. */
export function pythonJsonText(text: string): string {
  return JSON.stringify(text).replace(
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the others were escaped before, DEL was not
    /[^\x00-\x7e]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** Order by code point, as Python sorts texts; JavaScript's own order is by UTF-16 unit. */
export function compareCodePoints(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const [x, y] = [a.charCodeAt(i), b.charCodeAt(i)];
    if (x === y) continue;
    const [isHighX, isHighY] = [isSurrogate(x), isSurrogate(y)];
    if (isHighX !== isHighY) return isHighX ? 1 : -1; // a surrogate stands for a code point above U+FFFF
    return x - y;
  }
  return a.length - b.length;
}

function isSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdfff;
}

/** Python's `json.dumps(value, sort_keys=True)`: 1.0 and 1 differ, keys in the order of their code points. */
export function pythonJson(value: Value): string {
  return jsonOf(value, true);
}

/** Python's `json.dumps(value)`: keys in their own order. */
export function pythonJsonAsGiven(value: Value): string {
  return jsonOf(value, false);
}

function jsonOf(value: Value, isSorted: boolean): string {
  if (typeof value === "string") return pythonJsonText(value);
  if (typeof value === "number") return jsonFloat(value);
  if (value instanceof Map) {
    const entries = [...(value as ValueMap)];
    const items = (isSorted ? entries.sort(([a], [b]) => compareKeys(a, b)) : entries).map(
      ([key, item]) => `${jsonKey(key)}: ${jsonOf(item, isSorted)}`,
    );
    return `{${items.join(", ")}}`;
  }
  if (Array.isArray(value)) {
    return `[${(value as readonly Value[]).map((item) => jsonOf(item, isSorted)).join(", ")}]`;
  }
  return String(value); // null, true, an integer of any size
}

/** Python writes what JSON has no number for as a bare word. */
function jsonFloat(x: number): string {
  if (Number.isNaN(x)) return "NaN";
  if (!Number.isFinite(x)) return x > 0 ? "Infinity" : "-Infinity";
  return pythonFloat(x);
}

function jsonKey(key: MapKey): string {
  return typeof key === "string" ? pythonJsonText(key) : `"${pythonJson(key)}"`;
}

function compareKeys(a: MapKey, b: MapKey): number {
  const areNumbers = typeof a !== "string" && typeof b !== "string" && a !== null && b !== null;
  if (areNumbers) return Number(a) - Number(b);
  return compareCodePoints(String(a), String(b));
}

/** Python's `str` of a value: `True`, `None`, `0.1`, `['a', 1]`; a text is itself. */
export function pythonStr(value: Value): string {
  return typeof value === "string" ? value : pythonRepr(value);
}

/** Python's `repr` of a value. */
export function pythonRepr(value: Value): string {
  if (value === null) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (typeof value === "number") return pythonFloat(value);
  if (typeof value === "bigint") return String(value);
  if (typeof value === "string") return textRepr(value);
  if (Array.isArray(value)) return `[${(value as readonly Value[]).map(pythonRepr).join(", ")}]`;
  const items = [...(value as ValueMap)].map(
    ([key, item]) => `${pythonRepr(key)}: ${pythonRepr(item)}`,
  );
  return `{${items.join(", ")}}`;
}

const REPR_ESCAPES: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

function textRepr(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  let body = "";
  for (const character of text) {
    if (character === "\\" || character === quote) body += `\\${character}`;
    else if (character === " " || !/[\p{C}\p{Z}]/u.test(character)) body += character;
    else body += REPR_ESCAPES[character] ?? codeEscape(character.codePointAt(0)!);
  }
  return `${quote}${body}${quote}`;
}

function codeEscape(code: number): string {
  const hex = code.toString(16);
  if (code < 0x100) return `\\x${hex.padStart(2, "0")}`;
  return code < 0x10000 ? `\\u${hex.padStart(4, "0")}` : `\\U${hex.padStart(8, "0")}`;
}

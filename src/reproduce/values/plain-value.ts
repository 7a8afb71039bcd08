import type { Value } from "./value.ts";

const FLOAT =
  /^(?:[-+]?\d[\d_]*\.[\d_]*(?:[eE][-+]?\d+)?|[-+]?\d[\d_]*[eE][-+]?\d+|[-+]?\.[\d_]+(?:[eE][-+]\d+)?)$/;
const INTEGER = /^([-+]?)(0b[01_]+|0o[0-7_]+|0x[\da-fA-F_]+|[\d_]*\d[\d_]*)$/;

/** How a text begins that may be something else: most words begin with another letter. */
const OTHER_START = /^(?:[^A-Za-z_/]|[nN]ull|NULL|[tT]rue|TRUE|[fF]alse|FALSE|$)/;

/** The value of a scalar without quotes. */
export function plainValue(text: string): Value {
  if (!OTHER_START.test(text)) return text;
  if (/^(?:~|null|Null|NULL|)$/.test(text)) return null;
  if (/^(?:true|True|TRUE)$/.test(text)) return true;
  if (/^(?:false|False|FALSE)$/.test(text)) return false;
  const integer = INTEGER.exec(text);
  if (integer !== null && !text.startsWith("_")) {
    const digits = integer[2]!.replaceAll("_", "");
    const size = BigInt(/^0[box]/.test(digits) ? digits : digits.replace(/^0+(?=\d)/, ""));
    return integer[1] === "-" ? -size : size;
  }
  if (FLOAT.test(text)) return Number(text.replaceAll("_", ""));
  if (/^[-+]?\.(?:inf|Inf|INF)$/.test(text)) {
    return text.startsWith("-") ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  }
  if (/^\.(?:nan|NaN|NAN)$/.test(text)) return Number.NaN;
  return text;
}

/** What YAML 1.1 takes for a date: without quotes DVC's reader would, and dvc.lock can hold none. */
const TIMESTAMP =
  /^(?:\d{4}-\d\d-\d\d|\d{4}-\d\d?-\d\d?(?:[Tt]|[ \t]+)\d\d?:\d\d:\d\d(?:\.\d*)?(?:[ \t]*(?:Z|[-+]\d\d?(?::\d\d)?))?)$/;

/** True when a text, written without quotes, would be read as something that is no text. */
export function needsQuotes(text: string): boolean {
  const isText = typeof plainValue(text) === "string" && !TIMESTAMP.test(text);
  return !isText || text === "<<" || text === "=";
}

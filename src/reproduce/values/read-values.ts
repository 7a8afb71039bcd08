import type { Document, Node } from "yaml";
import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument, Scalar } from "yaml";
import { DuetMindError, type ErrorCode } from "../../core/errors.ts";
import { isValueList, isValueMap, type MapKey, type Value, type ValueMap } from "./value.ts";

/**
 * Reads YAML 1.2 (and JSON, which is a part of it) with the types that DVC's reader gives: `yes` and
 * `on` are texts, 010 is ten, 0o14 twelve, 1_000 a thousand, 1e5 a float. Dates alone differ: DVC
 * refuses them among parameters, here they are the text that is written, as for every other stage.
 */
export function readValues(text: string, file: string, code: ErrorCode): Value {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter, schema: "failsafe", logLevel: "silent" });
  const problem = document.errors[0];
  if (problem !== undefined) {
    const { line, col } = lineCounter.linePos(problem.pos[0]);
    const what = problem.message.split("\n")[0]!.replace(/ at line \d+, column \d+:?$/, "");
    throw new DuetMindError(code, `${file}:${line}:${col}: expected valid YAML, got ${what}`, {
      file,
      line,
      column: col,
      cause: problem,
    });
  }
  return toValue(document.contents as Node | null, document);
}

function toValue(node: unknown, document: Document.Parsed | Document): Value {
  if (node === null || node === undefined) return null;
  if (isAlias(node)) return toValue(node.resolve(document as Document), document);
  if (isScalar(node)) return scalarValue(node);
  if (isSeq(node)) return node.items.map((item) => toValue(item, document));
  if (!isMap(node)) return null;
  const merged: [MapKey, Value][] = [];
  const own: [MapKey, Value][] = [];
  for (const { key, value } of node.items) {
    const item = toValue(value, document);
    if (isScalar(key) && key.value === "<<" && key.type === Scalar.PLAIN) {
      for (const map of mergedMaps(item)) merged.unshift(...map);
    } else {
      own.push([toKey(toValue(key, document)), item]);
    }
  }
  return new Map([...merged, ...own]);
}

/** `<<: *base` or `<<: [*a, *b]`: of two the first wins. */
function mergedMaps(value: Value): ValueMap[] {
  return (isValueList(value) ? value : [value]).filter(isValueMap);
}

function toKey(value: Value): MapKey {
  return isValueList(value) || isValueMap(value) ? JSON.stringify([...value]) : value;
}

function scalarValue(node: Scalar): Value {
  const text = String(node.value ?? "");
  return node.type === Scalar.PLAIN || node.type === undefined ? plainValue(text) : text;
}

const FLOAT =
  /^(?:[-+]?\d[\d_]*\.[\d_]*(?:[eE][-+]?\d+)?|[-+]?\d[\d_]*[eE][-+]?\d+|[-+]?\.[\d_]+(?:[eE][-+]\d+)?)$/;
const INTEGER = /^([-+]?)(0b[01_]+|0o[0-7_]+|0x[\da-fA-F_]+|[\d_]*\d[\d_]*)$/;

/** The value of a scalar without quotes. */
export function plainValue(text: string): Value {
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

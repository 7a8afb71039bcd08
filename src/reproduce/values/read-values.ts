import { createRequire } from "node:module";
import type { Document, Node, Scalar } from "yaml";
import type { ErrorCode } from "../../core/errors.ts";
import { yamlFault } from "../../core/yaml-fault.ts";
import { plainValue } from "./plain-value.ts";
import { readPlainValues } from "./read-plain-values.ts";
import { isValueList, isValueMap, type MapKey, type Value, type ValueMap } from "./value.ts";

/**
 * Reads YAML 1.2 (and JSON, which is a part of it) with the types that DVC's reader gives: `yes` and
 * `on` are texts, 010 is ten, 0o14 twelve, 1_000 a thousand, 1e5 a float. Dates alone differ: DVC
 * refuses them among parameters, here they are the text that is written, as for every other stage.
 */
export function readValues(text: string, file: string, code: ErrorCode): Value {
  const plain = readPlainValues(text);
  return plain === undefined ? readAnyValues(text, file, code) : plain;
}

/** Loaded at the first text that is not plain: most commands meet none, and it takes a while. */
const yaml = () => createRequire(import.meta.url)("yaml") as typeof import("yaml");

/** The full reader, which readValues leaves out for plain texts. */
export function readAnyValues(text: string, file: string, code: ErrorCode): Value {
  const { LineCounter, parseDocument } = yaml();
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter, schema: "failsafe", logLevel: "silent" });
  const problem = document.errors[0];
  if (problem !== undefined) throw yamlFault(problem, lineCounter, file, code);
  return toValue(document.contents as Node | null, document);
}

const PLAIN: Scalar.PLAIN = "PLAIN";

function toValue(node: unknown, document: Document.Parsed | Document): Value {
  const { isAlias, isMap, isScalar, isSeq } = yaml();
  if (node === null || node === undefined) return null;
  if (isAlias(node)) return toValue(node.resolve(document as Document), document);
  if (isScalar(node)) return scalarValue(node);
  if (isSeq(node)) return node.items.map((item) => toValue(item, document));
  if (!isMap(node)) return null;
  const merged: [MapKey, Value][] = [];
  const own: [MapKey, Value][] = [];
  for (const { key, value } of node.items) {
    const item = toValue(value, document);
    if (isScalar(key) && key.value === "<<" && key.type === PLAIN) {
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
  return node.type === PLAIN || node.type === undefined ? plainValue(text) : text;
}

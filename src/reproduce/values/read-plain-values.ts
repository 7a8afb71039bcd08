import { plainValue } from "./plain-value.ts";
import type { MapKey, Value } from "./value.ts";

/**
 * Reads the part of YAML that machines and most people write: block mappings and lists, scalars on one
 * line or folded over several, flow collections on one line. It takes a fraction of the time of the
 * full reader and needs none of it loaded. Whatever else it meets (anchors, tags, block scalars, a
 * second document, tabs, anything that may be an error) ends it with undefined: the full reader decides.
 * test/reproduce/read-plain-values.test.ts holds the two against each other.
 */
export function readPlainValues(text: string): Value | undefined {
  if (/[\t\r\ufeff\u0085\u2028\u2029]|^(?:---|\.\.\.|%)/m.test(text)) return undefined;
  const reader: Reader = { lines: text.split("\n"), at: 0 };
  try {
    const indent = nextIndent(reader);
    if (indent === -1) return null;
    const value = readBlock(reader, indent);
    return nextIndent(reader) === -1 ? value : undefined;
  } catch (error) {
    if (error === NOT_PLAIN) return undefined;
    throw error;
  }
}

const NOT_PLAIN = Symbol("not plain");

type Reader = { readonly lines: string[]; at: number };

/** The indentation of the next line that says something; -1 at the end. */
function nextIndent(reader: Reader): number {
  for (; reader.at < reader.lines.length; reader.at++) {
    const line = reader.lines[reader.at]!;
    let indent = 0;
    while (line.charCodeAt(indent) === SPACE) indent++;
    if (indent < line.length && line.charCodeAt(indent) !== HASH) return indent;
  }
  return -1;
}

const SPACE = 32;
const HASH = 35;
const DASH = 45;

function readBlock(reader: Reader, indent: number): Value {
  const line = reader.lines[reader.at]!;
  return isItem(line, indent) ? readList(reader, indent) : readMap(reader, indent);
}

function isItem(line: string, indent: number): boolean {
  return (
    line.charCodeAt(indent) === DASH &&
    (line.length === indent + 1 || line.charCodeAt(indent + 1) === SPACE)
  );
}

function readMap(reader: Reader, indent: number): Value {
  const map = new Map<MapKey, Value>();
  while (nextIndent(reader) === indent) {
    const line = reader.lines[reader.at]!;
    if (isItem(line, indent)) break;
    const colon = keyEnd(line, indent);
    const key = readKey(line.slice(indent, colon));
    if (map.has(key)) throw NOT_PLAIN;
    map.set(key, readAfter(reader, colon + 1, indent, true));
  }
  if (nextIndent(reader) > indent) throw NOT_PLAIN;
  return map;
}

function readList(reader: Reader, indent: number): Value {
  const items: Value[] = [];
  while (nextIndent(reader) === indent) {
    const line = reader.lines[reader.at]!;
    if (!isItem(line, indent)) break;
    let start = indent + 1;
    while (line.charCodeAt(start) === SPACE) start++;
    if (start < line.length && hasKey(line, start)) {
      reader.lines[reader.at] = " ".repeat(start) + line.slice(start); // a mapping in a column of its own
      items.push(readMap(reader, start));
    } else items.push(readAfter(reader, indent + 1, indent, false));
  }
  if (nextIndent(reader) > indent) throw NOT_PLAIN;
  return items;
}

/** The place of the colon that ends a key which starts here. */
function keyEnd(line: string, start: number): number {
  const colon = findColon(line, start);
  if (colon === -1) throw NOT_PLAIN;
  return colon;
}

/** True when an item's text is the first key of a mapping. */
function hasKey(line: string, start: number): boolean {
  const first = line[start]!;
  if (first === "[" || first === "{" || first === "#") return false;
  if (isItem(line, start)) throw NOT_PLAIN; // a list in a list
  const colon = findColon(line, start);
  if (first === "'" || first === '"') {
    if (colon !== -1) throw NOT_PLAIN; // in the quotes or after them
    return false;
  }
  const hash = line.indexOf(" #", start);
  return colon !== -1 && (hash === -1 || colon < hash);
}

function findColon(line: string, start: number): number {
  for (let at = line.indexOf(":", start); at !== -1; at = line.indexOf(":", at + 1)) {
    if (at + 1 === line.length || line.charCodeAt(at + 1) === SPACE) return at;
  }
  return -1;
}

const PLAIN_START = /^(?:[^-?:,[\]{}#&*!|>'"%@`\s]|[-:](?=[^\s,[\]{}]))/;

function readKey(raw: string): MapKey {
  const text = raw.trimEnd();
  const quoted = /^'([^']*)'$/.exec(text);
  if (quoted !== null) return quoted[1]!;
  if (text === "<<" || text.includes(" #") || !PLAIN_START.test(text)) throw NOT_PLAIN;
  return plainValue(text) as MapKey;
}

/** The value after a colon or a dash: on its line, or a block on the lines below. */
function readAfter(reader: Reader, from: number, indent: number, isMap: boolean): Value {
  const line = reader.lines[reader.at]!;
  let start = from;
  while (line.charCodeAt(start) === SPACE) start++;
  reader.at += 1;
  if (start < line.length && !(line.charCodeAt(start) === HASH && start > from)) {
    return readScalarOrFlow(reader, line.slice(start).trimEnd(), indent);
  }
  const below = nextIndent(reader);
  if (below > indent) {
    const next = reader.lines[reader.at]!;
    if (!isItem(next, below) && findColon(next, below) === -1) throw NOT_PLAIN;
    return readBlock(reader, below);
  }
  // the list of a key may stand in the column of the key
  if (isMap && below === indent && isItem(reader.lines[reader.at]!, below)) {
    return readList(reader, below);
  }
  return null;
}

function readScalarOrFlow(reader: Reader, text: string, indent: number): Value {
  const first = text[0]!;
  if (first === "[" || first === "{") return ended(reader, indent, readFlow(text));
  if (first === "'" || first === '"') return ended(reader, indent, readQuoted(text));
  if (!PLAIN_START.test(text)) throw NOT_PLAIN;
  const hash = text.search(/ #/);
  const plain = hash === -1 ? text : text.slice(0, hash).trimEnd();
  if (findColon(plain, 0) !== -1) throw NOT_PLAIN;
  if (hash !== -1) return ended(reader, indent, plainValue(plain));
  return plainValue(plain + readFolded(reader, indent));
}

/** The lines that go on with a plain scalar, each after one space. */
function readFolded(reader: Reader, indent: number): string {
  let folded = "";
  for (;;) {
    const line = reader.lines[reader.at];
    if (line === undefined) return folded;
    const text = line.trim();
    if (text === "") {
      if (nextIndent(reader) > indent) throw NOT_PLAIN; // a break inside the text
      return folded;
    }
    if (line.length - line.trimStart().length <= indent) return folded;
    if (text.startsWith("#") || text.includes(" #") || findColon(text, 0) !== -1) throw NOT_PLAIN;
    folded += ` ${text}`;
    reader.at += 1;
  }
}

/** Nothing may go on with a value that is closed. */
function ended(reader: Reader, indent: number, value: Value): Value {
  if (nextIndent(reader) > indent) throw NOT_PLAIN;
  return value;
}

function readQuoted(text: string): string {
  const single = /^'((?:[^']|'')*)'(?: +#.*)?$/.exec(text);
  if (single !== null) return single[1]!.replaceAll("''", "'");
  const double = /^("(?:[^"\\]|\\["\\/nt]|\\u(?!d[89a-f])[0-9a-fA-F]{4})*")(?: +#.*)?$/i.exec(text);
  if (double === null) throw NOT_PLAIN;
  try {
    return JSON.parse(double[1]!) as string;
  } catch {
    throw NOT_PLAIN; // a control character
  }
}

type Flow = { readonly text: string; at: number };

function readFlow(text: string): Value {
  const flow: Flow = { text, at: 0 };
  const value = readFlowValue(flow);
  if (!/^(?: +#.*)?$/.test(text.slice(flow.at))) throw NOT_PLAIN;
  return value;
}

function readFlowValue(flow: Flow): Value {
  const first = flow.text[flow.at];
  if (first === "[") return readFlowList(flow);
  if (first === "{") return readFlowMap(flow);
  return readFlowScalar(flow, false) as Value;
}

function readFlowList(flow: Flow): Value {
  const items: Value[] = [];
  flow.at += 1;
  for (;;) {
    skipSpaces(flow);
    if (flow.text[flow.at] === "]") break;
    items.push(readFlowValue(flow));
    skipSpaces(flow);
    if (flow.text[flow.at] === ",") flow.at += 1;
    else if (flow.text[flow.at] !== "]") throw NOT_PLAIN;
  }
  flow.at += 1;
  return items;
}

function readFlowMap(flow: Flow): Value {
  const map = new Map<MapKey, Value>();
  flow.at += 1;
  for (;;) {
    skipSpaces(flow);
    if (flow.text[flow.at] === "}") break;
    const key = readFlowScalar(flow, true) as MapKey;
    if (map.has(key) || key === "<<" || flow.text[flow.at] !== ":") throw NOT_PLAIN;
    flow.at += 1;
    if (flow.text.charCodeAt(flow.at) !== SPACE) throw NOT_PLAIN;
    skipSpaces(flow);
    const isEmpty = /^[,}]/.test(flow.text.slice(flow.at, flow.at + 1));
    map.set(key, isEmpty ? null : readFlowValue(flow));
    skipSpaces(flow);
    if (flow.text[flow.at] === ",") flow.at += 1;
    else if (flow.text[flow.at] !== "}") throw NOT_PLAIN;
  }
  flow.at += 1;
  return map;
}

const FLOW_QUOTED = /'((?:[^'])*)'|"([^"\\]*)"/y;
const FLOW_PLAIN = /[^-?:,[\]{}#&*!|>'"%@`\s](?:[^:,[\]{}#]|:(?![ ,[\]{}]|$))*|-[^\s,[\]{}:#]+/y;

function readFlowScalar(flow: Flow, isKey: boolean): Value {
  FLOW_QUOTED.lastIndex = flow.at;
  const quoted = FLOW_QUOTED.exec(flow.text);
  if (quoted !== null) {
    flow.at = FLOW_QUOTED.lastIndex;
    if (!/^ *[,\]}:]/.test(flow.text.slice(flow.at))) throw NOT_PLAIN;
    return quoted[1] ?? quoted[2]!;
  }
  FLOW_PLAIN.lastIndex = flow.at;
  const plain = FLOW_PLAIN.exec(flow.text);
  if (plain === null) throw NOT_PLAIN;
  flow.at = FLOW_PLAIN.lastIndex;
  if (!isKey && flow.text[flow.at] === ":") throw NOT_PLAIN; // a mapping of one pair
  return plainValue(plain[0].trimEnd());
}

function skipSpaces(flow: Flow): void {
  while (flow.text.charCodeAt(flow.at) === SPACE) flow.at += 1;
}

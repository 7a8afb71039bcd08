import { pythonLiteral } from "./python-literal.ts";
import { type PythonToken, pythonTokens } from "./python-tokens.ts";
import type { MapKey, Value, ValueMap } from "./value.ts";

/**
 * The parameters of a Python file as DVC finds them: assignments of literals to a name at the top and
 * in classes, and to `self.name` in `__init__`. Everything else is passed over, nothing is run.
 *
 *     lr = 0.1                      lr
 *     class Train:                  Train.epochs, Train.depth
 *         epochs: int = 10
 *         def __init__(self):
 *             self.depth = 3
 */
export function readPython(text: string, file: string): ValueMap {
  const tokens = pythonTokens(text, file);
  let at = 0;

  /** The tokens up to the end of the line, or up to the colon that ends a header. */
  function takeLine(isHeader = false): readonly PythonToken[] {
    const start = at;
    let depth = 0;
    for (; tokens[at]!.kind !== "newline" && tokens[at]!.kind !== "end"; at++) {
      const token = tokens[at]!;
      if (token.kind !== "operator") continue;
      if (/[([{]/.test(token.text)) depth += 1;
      if (/[)\]}]/.test(token.text)) depth -= 1;
      if (isHeader && depth === 0 && token.text === ":") break;
    }
    const line = tokens.slice(start, at);
    if (tokens[at]!.kind !== "end") at += 1;
    return line;
  }

  function skipBlock(): void {
    if (tokens[at]!.kind !== "indent") return;
    let depth = 0;
    do {
      if (tokens[at]!.kind === "indent") depth += 1;
      if (tokens[at]!.kind === "dedent") depth -= 1;
      at += 1;
    } while (depth > 0);
  }

  /** The body of a class or function, on its own lines or behind the colon. */
  function suite(ofSelf: boolean): ValueMap {
    const found = new Map<MapKey, Value>();
    if (tokens[at]!.kind !== "newline") {
      assignAll(takeLine(), ofSelf, found);
      return found;
    }
    at += 1;
    if (tokens[at]!.kind !== "indent") return found;
    at += 1;
    block(ofSelf, found);
    return found;
  }

  function block(ofSelf: boolean, into: Map<MapKey, Value>): void {
    while (tokens[at]!.kind !== "dedent" && tokens[at]!.kind !== "end") statement(ofSelf, into);
    if (tokens[at]!.kind === "dedent") at += 1;
  }

  function statement(ofSelf: boolean, into: Map<MapKey, Value>): void {
    const [first, second] = [tokens[at]!, tokens[at + 1]];
    const word = first.kind === "name" ? first.text : "";
    const name = second?.kind === "name" ? second.text : "";
    if (word === "class" && name !== "") {
      takeLine(true);
      into.set(name, suite(false));
    } else if (word === "def" && name === "__init__") {
      takeLine(true);
      for (const [key, value] of suite(true)) into.set(key, value);
    } else {
      const line = takeLine();
      if (!COMPOUND.has(word)) assignAll(line, ofSelf, into);
      skipBlock();
    }
  }

  const found = new Map<MapKey, Value>();
  while (tokens[at]!.kind !== "end") block(false, found);
  return found;
}

const COMPOUND = new Set([
  ...["if", "elif", "else", "for", "while", "with", "try", "except", "finally", "def", "async"],
]);

/** The assignments among statements of one line. */
function assignAll(line: readonly PythonToken[], ofSelf: boolean, into: Map<MapKey, Value>): void {
  for (const statement of splitAt(line, ";")) {
    const parts = splitAt(statement, "=");
    const [target, value] = parts;
    if (parts.length !== 2 || target === undefined || value === undefined) continue;
    const [named = [], ...annotation] = splitAt(target, ":");
    const name = annotation.length > 1 ? undefined : targetName(named, ofSelf);
    const literal = name === undefined ? undefined : pythonLiteral(value);
    if (name !== undefined && literal !== undefined) into.set(name, literal);
  }
}

function targetName(target: readonly PythonToken[], ofSelf: boolean): string | undefined {
  const [first, dot, attribute] = target.map((token) => ("text" in token ? token.text : ""));
  if (target.length === 1 && target[0]!.kind === "name" && !ofSelf) return first;
  return target.length === 3 && first === "self" && dot === "." ? attribute : undefined;
}

/** Splits at an operator that stands in no brackets. */
function splitAt(tokens: readonly PythonToken[], operator: string): PythonToken[][] {
  const parts: PythonToken[][] = [[]];
  let depth = 0;
  for (const token of tokens) {
    const text = token.kind === "operator" ? token.text : "";
    if (/^[([{]$/.test(text)) depth += 1;
    if (/^[)\]}]$/.test(text)) depth -= 1;
    if (depth === 0 && text === operator) parts.push([]);
    else parts.at(-1)!.push(token);
  }
  return parts;
}

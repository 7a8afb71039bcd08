import { isMap, isPair, isSeq, LineCounter, type Node, parseDocument } from "yaml";
import { DuetMindError } from "../core/errors.ts";
import { findDocumentProblem } from "./check-document.ts";
import type { Contract } from "./contract.ts";
import { fromTree } from "./parse-contract.ts";

/**
 * Reads the text of a contract, YAML 1.1 (what Pandera's reader takes: `yes` is true, `2026-01-01` a
 * date) or JSON. Integers become bigints, so that `1` and `1.0` stay apart.
 */
export function parseContractText(text: string, file: string): Contract {
  const lineCounter = new LineCounter();
  const isJson = file.endsWith(".json");
  const document = parseDocument(text, {
    version: isJson ? "1.2" : "1.1",
    intAsBigInt: true,
    merge: true,
    uniqueKeys: false, // a search through all keys for each; findDocumentProblem does it
    lineCounter,
    customTags: (tags) => (isJson ? tags : tags.map(asPyYaml)),
  });
  const placeOf = (offset: number) => {
    const { line, col } = lineCounter.linePos(offset);
    return { line, column: col };
  };
  // a tag that nothing is known of is a warning there, an error to PyYAML
  const problem = document.errors[0] ?? document.warnings[0];
  if (problem !== undefined) {
    const { line, col } = lineCounter.linePos(problem.pos[0]);
    const what = problem.message.split("\n")[0]!.replace(/ at line \d+, column \d+:?$/, "");
    throw new DuetMindError(
      "CONTRACT_INVALID",
      `${file}:${line}:${col}: expected valid YAML, got ${what}`,
      {
        file,
        line,
        column: col,
        cause: problem,
      },
    );
  }
  const found = findDocumentProblem(document);
  if (found !== undefined) {
    const { line, column } = placeOf(found.offset);
    throw new DuetMindError("CONTRACT_INVALID", `${file}:${line}:${column}: ${found.message}`, {
      file,
      line,
      column,
    });
  }
  const tree: unknown = document.toJS({ maxAliasCount: -1 });
  try {
    return fromTree(tree, file);
  } catch (error) {
    if (!(error instanceof DuetMindError)) throw error;
    const offset = findOffset(document.contents, error.details.path ?? "") ?? 0;
    const { cause, ...details } = error.details;
    throw new DuetMindError(error.code, error.message, { ...details, ...placeOf(offset), cause });
  }
}

/** PyYAML wants a point in a float, and a sign in its exponent: `1e5` is text to it. */
const EXPONENT = /^[-+]?(?:[0-9][0-9_]*\.[0-9_]*|\.[0-9][0-9_]*)[eE][-+][0-9]+$/;
const LETTERS = ["y", "Y", "n", "N"];

/** Where YAML 1.1 and PyYAML part: PyYAML has `1e5`, `y` and `n` for text. A datetime is text here. */
function asPyYaml<T>(tag: T): T {
  if (typeof tag !== "object" || tag === null || !("test" in tag)) return tag;
  const { test } = tag;
  if (!(test instanceof RegExp)) return tag;
  if ("tag" in tag && tag.tag === "tag:yaml.org,2002:timestamp") {
    const { resolve } = tag as unknown as { resolve: (text: string) => Date };
    return { ...tag, resolve: (text: string) => datetimeText(resolve(text), text) };
  }
  if ("format" in tag && tag.format === "EXP") return { ...tag, test: EXPONENT };
  if (!LETTERS.some((letter) => test.test(letter))) return tag;
  return { ...tag, test: new RegExp(`^(?![yYnN]$)(?:${test.source})`, test.flags) };
}

/** Where the last part of a dotted path that exists begins; keys may hold dots themselves. */
function findOffset(node: Node | null, path: string): number | undefined {
  const items = isMap(node) || isSeq(node) ? node.items : [];
  for (const [i, item] of items.entries()) {
    const key = isPair(item) ? String((item.key as { value?: unknown }).value) : String(i);
    if (path !== key && !path.startsWith(`${key}.`)) continue;
    const value = (isPair(item) ? item.value : item) as Node | null;
    const own = ((isPair(item) ? item.key : item) as Node).range?.[0];
    return path === key ? own : (findOffset(value, path.slice(key.length + 1)) ?? own);
  }
  return undefined;
}

/**
 * An unquoted date is text in the one form that a contract writes datetimes in. PyYAML keeps six digits
 * of a fraction, a `Date` three.
 */
function datetimeText(date: Date, written: string): string {
  const seconds = date.toISOString().slice(0, 19).replace("T", " ");
  const fraction = (/\.(\d{1,6})/.exec(written)?.[1] ?? "").padEnd(6, "0");
  return fraction === "000000" ? seconds : `${seconds}.${fraction}`;
}

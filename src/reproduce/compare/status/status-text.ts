import type { StatusReport } from "./status.ts";

const UP_TO_DATE = "Data and pipelines are up to date.";
const EMPTY = "There are no data or pipelines tracked in this project yet.";

/** What `dvc status --json` prints. */
export function toStatusJson({ changes }: StatusReport): Readonly<Record<string, unknown>> {
  return Object.fromEntries(changes);
}

/** What `dvc status` prints. */
export function toStatusText({ changes, isEmpty }: StatusReport): string {
  if (changes.size > 0) return changeLines(Object.fromEntries(changes), 0).join("\n");
  return isEmpty ? EMPTY : UP_TO_DATE;
}

type Tree = string | readonly Tree[] | { readonly [key: string]: Tree };

const WORD_WIDTH = 20;

function changeLines(tree: unknown, depth: number): string[] {
  const indent = "\t".repeat(depth);
  const item = tree as Tree;
  if (typeof item === "string") return [indent + item];
  if (isList(item)) return item.flatMap((entry) => changeLines(entry, depth));
  return Object.entries(item).flatMap(([key, value]) =>
    typeof value === "string"
      ? [`${indent}${`${value}:`.padEnd(WORD_WIDTH)}${key}`]
      : [`${indent}${key}:`, ...changeLines(value, depth + 1)],
  );
}

function isList(tree: Tree): tree is readonly Tree[] {
  return Array.isArray(tree);
}

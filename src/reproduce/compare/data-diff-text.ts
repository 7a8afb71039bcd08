import type { MapKey, Value } from "../values/value.ts";
import type { DataChange, DataDiff, DataState } from "./data-diff.ts";
import { tableText } from "./table.ts";

export type DataDiffOptions = Readonly<{ showHash: boolean; hideMissing: boolean }>;

const STATES: readonly DataState[] = ["added", "deleted", "renamed", "modified", "not in cache"];

function statesOf({ hideMissing }: DataDiffOptions): readonly DataState[] {
  return hideMissing ? STATES.filter((state) => state !== "not in cache") : STATES;
}

/** Nothing at all differs and nothing is missing. */
export function isEmptyDiff(diff: DataDiff): boolean {
  return STATES.every((state) => diff[state].length === 0);
}

/** DVC's JSON; `{}` where nothing differs. */
export function dataDiffJson(diff: DataDiff, options: DataDiffOptions): Value {
  if (isEmptyDiff(diff)) return new Map();
  const states = ["added", "deleted", "modified", "renamed", "not in cache"] as const;
  return new Map(
    states
      .filter((state) => statesOf(options).includes(state))
      .map((state) => [state, diff[state].map((change) => changeJson(change, options))]),
  );
}

function changeJson({ path, hash }: DataChange, { showHash }: DataDiffOptions): Value {
  const json = new Map<MapKey, Value>([["path", pairJson(path)]]);
  if (showHash) json.set("hash", pairJson(hash));
  return json;
}

function pairJson(
  value: string | null | Readonly<{ old: string | null; new: string | null }>,
): Value {
  return typeof value === "object" && value !== null ? new Map(Object.entries(value)) : value;
}

/** A table of the changes in Markdown. */
export function dataDiffTable(diff: DataDiff, options: DataDiffOptions): string {
  const { showHash } = options;
  const rows = statesOf(options).flatMap((state) =>
    diff[state].map((change) => [state, ...(showHash ? [digest(change)] : []), pathText(change)]),
  );
  return tableText({ header: ["Status", ...(showHash ? ["Hash"] : []), "Path"], rows }, true);
}

/** The changes for people, group by group, and how many files they are. */
export function dataDiffText(diff: DataDiff, options: DataDiffOptions): string {
  const groups = statesOf(options).filter((state) => diff[state].length > 0);
  const lines = groups.flatMap((state) => [
    `${state.charAt(0).toUpperCase()}${state.slice(1)}:`,
    ...diff[state].map((change) => {
      const hash = options.showHash ? digest(change) : "";
      return `    ${hash}${hash === "" ? "" : "  "}${pathText(change)}`;
    }),
    "",
  ]);
  const counts = groups.flatMap((state) => {
    const files = diff[state].filter((change) => !pathText(change).endsWith("/")).length;
    return files === 0 ? [] : [`${files} ${state}`];
  });
  if (counts.length > 0) lines.push(`files summary: ${counts.join(", ")}`);
  return lines.map((line) => `${line}\n`).join("");
}

function pathText({ path }: DataChange): string {
  return typeof path === "string" ? path : `${path.old} -> ${path.new}`;
}

function digest({ hash }: DataChange): string {
  const short = (md5: string | null) => (md5 ?? "").slice(0, 8);
  return typeof hash === "object" && hash !== null
    ? `${short(hash.old)}..${short(hash.new)}`
    : short(hash);
}

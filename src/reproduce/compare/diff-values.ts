import { equalValues, isValueMap, type Value } from "../values/value.ts";
import { flattenValues, type RevisionValues, type ValuesByRevision } from "./file-values.ts";

/** `diff` only for two numbers. */
export type ValueChange = Readonly<{ old: Value; new: Value; diff?: Value }>;

/** File → dotted key → what changed. */
export type ValueDiff = ReadonlyMap<string, ReadonlyMap<string, ValueChange>>;

const UNPARSABLE = "unable to parse";

/** What differs between two revisions; a revision that could not be read has no values. */
export function diffRevisions(
  results: ValuesByRevision,
  a: string,
  b: string,
  withUnchanged: boolean,
): ValueDiff {
  return diffFiles(valuesOf(results, a), valuesOf(results, b), withUnchanged);
}

function valuesOf(results: ValuesByRevision, name: string): RevisionValues {
  const result = results.get(name);
  return result === undefined || "failure" in result ? new Map() : result.data;
}

function diffFiles(old: RevisionValues, now: RevisionValues, withUnchanged: boolean): ValueDiff {
  const diff = new Map<string, ReadonlyMap<string, ValueChange>>();
  for (const path of new Set([...old.keys(), ...now.keys()])) {
    const changes = diffContents(contentOf(old, path), contentOf(now, path), withUnchanged);
    if (changes.size > 0) diff.set(path, changes);
  }
  return diff;
}

function contentOf(values: RevisionValues, path: string): Value {
  const file = values.get(path);
  return file === undefined || "failure" in file ? new Map() : file.data;
}

function diffContents(
  old: Value,
  now: Value,
  withUnchanged: boolean,
): ReadonlyMap<string, ValueChange> {
  const changes = new Map<string, ValueChange>();
  const note = (key: string, before: Value, after: Value) => {
    const change = diffValues(before, after, withUnchanged);
    if (change !== null) changes.set(key, change);
  };
  if (!isValueMap(old) && !isValueMap(now)) {
    note("", old, now);
    return changes;
  }
  const [before, after] = [leavesOf(old), leavesOf(now)];
  for (const key of new Set([...before.keys, ...after.keys]))
    note(key, before.at(key), after.at(key));
  return changes;
}

/** A side that is no mapping has no keys, and a text that says so for each of the other's. */
function leavesOf(value: Value) {
  if (isEmpty(value)) return { keys: [], at: () => null };
  if (!isValueMap(value)) return { keys: [], at: () => UNPARSABLE };
  const leaves = flattenValues(value);
  return { keys: [...leaves.keys()], at: (key: string) => leaves.get(key) ?? null };
}

function isEmpty(value: Value): boolean {
  return isValueMap(value) ? value.size === 0 : !value;
}

function diffValues(old: Value, now: Value, withUnchanged: boolean): ValueChange | null {
  if (!withUnchanged && equalValues(old, now)) return null;
  const [x, y] = [toNumber(old), toNumber(now)];
  if (x === null || y === null) return { old, new: now };
  return { old, new: now, diff: subtract(y, x) };
}

function toNumber(value: Value): bigint | number | null {
  if (typeof value === "boolean") return value ? 1n : 0n;
  return typeof value === "bigint" || typeof value === "number" ? value : null;
}

/** Two integers give an integer, as in Python. */
function subtract(a: bigint | number, b: bigint | number): bigint | number {
  return typeof a === "bigint" && typeof b === "bigint" ? a - b : Number(a) - Number(b);
}

export function diffJson(diff: ValueDiff, shown: (path: string) => string): Value {
  return new Map(
    [...diff].map(([path, changes]) => [
      shown(path),
      new Map([...changes].map(([key, change]) => [key, new Map(Object.entries(change))])),
    ]),
  );
}

import type { Evolution } from "./contract.ts";
import { isOfDtype, parseDtype } from "./dtype.ts";

/** A column of a dataset, by pandas' name of its type. */
export type SchemaColumn = Readonly<{ name: string; type: string }>;

export type SchemaChange = Readonly<{
  kind: "added" | "removed" | "retyped";
  column: string;
  before: string | null;
  after: string | null;
  /** Whether who reads the data by the old schema would break. */
  breaking: boolean;
  /** What the contract's `evolution` says of it. */
  action: "fail" | "add" | "ignore";
}>;

export type SchemaVerdict = Readonly<{
  /** The columns of before in their order, then the new ones. */
  changes: readonly SchemaChange[];
  breaking: boolean;
  /** Whether the contract lets none of it pass. */
  fails: boolean;
}>;

/**
 * What changed between two versions of a dataset, whether it breaks its readers, and what the contract
 * says of it. A new column breaks nobody; one that is gone does; another type does unless every old
 * value is one of the new type (int32 to int64, float32 to float64, an integer to a nullable one).
 */
export function compareSchemas(
  before: readonly SchemaColumn[],
  after: readonly SchemaColumn[],
  policy: Evolution,
): SchemaVerdict {
  const old = new Map(before.map((column) => [column.name, column.type]));
  const now = new Map(after.map((column) => [column.name, column.type]));
  const changes: SchemaChange[] = [];
  for (const [column, type] of old) {
    const next = now.get(column);
    if (next === undefined) {
      const base = { kind: "removed", column, before: type, after: null } as const;
      changes.push({ ...base, breaking: true, action: policy.removed });
    } else if (!isSameType(type, next)) {
      const base = { kind: "retyped", column, before: type, after: next } as const;
      changes.push({ ...base, breaking: !isWider(type, next), action: policy.retyped });
    }
  }
  for (const [column, type] of now) {
    if (old.has(column)) continue;
    const base = { kind: "added", column, before: null, after: type } as const;
    changes.push({ ...base, breaking: false, action: policy.added });
  }
  return {
    changes,
    breaking: changes.some((change) => change.breaking),
    fails: changes.some((change) => change.action === "fail"),
  };
}

function isSameType(before: string, after: string): boolean {
  const [from, to] = [parseDtype(before), parseDtype(after)];
  if (from === undefined || to === undefined) return before === after;
  return isOfDtype(from, to) && isOfDtype(to, from);
}

/** Whether every value of one type is a value of the other. */
function isWider(before: string, after: string): boolean {
  const [from, to] = [parseDtype(before), parseDtype(after)];
  if (from === undefined || to === undefined) return false;
  if (to.kind === "float") {
    if (from.kind === "float") return to.bits >= from.bits;
    return from.kind === "int" && from.bits <= (to.bits === 64 ? 32 : 16);
  }
  if (from.kind !== "int" || to.kind !== "int") return false;
  return from.signed === to.signed ? to.bits >= from.bits : to.signed && to.bits > from.bits;
}

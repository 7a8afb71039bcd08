import type { Comparison } from "./grammar.ts";

/** What a clause asks of its field. Text that stood for an id is a number here. */
export type Test =
  | Readonly<{ op: Comparison; value: number }>
  | Readonly<{ op: "=" | "!=" | "LIKE" | "ILIKE"; value: string }>
  | Readonly<{ op: "IN" | "NOT IN"; value: readonly string[] | readonly number[] }>
  | Readonly<{ op: "IS NULL" | "IS NOT NULL"; value: null }>;

/** One clause of a filter: all of them must hold. */
export type Clause<E extends string = string> = Readonly<{ entity: E; key: string }> & Test;

/** One part of an order. */
export type Order<E extends string = string> = Readonly<{
  entity: E;
  key: string;
  direction: "asc" | "desc";
  /** Which of several values of a metric: those measured on this dataset. */
  dataset?: Readonly<{ name: string; digest: string | undefined }>;
}>;

/** The clauses of each field, in the order in which the filter names the fields. */
export function groupByField<E extends string>(
  clauses: readonly Clause<E>[],
): readonly Readonly<{ entity: E; key: string; tests: readonly Test[] }>[] {
  const groups = new Map<string, { entity: E; key: string; tests: Test[] }>();
  for (const { entity, key, ...test } of clauses) {
    const name = fieldName({ entity, key });
    const group = groups.get(name) ?? { entity, key, tests: [] };
    group.tests.push(test as Test);
    groups.set(name, group);
  }
  return [...groups.values()];
}

/** A field as one text; two different fields never share it. */
export function fieldName({
  entity,
  key,
  dataset,
}: Readonly<{ entity: string; key: string; dataset?: Order["dataset"] }>): string {
  const on = dataset === undefined ? [] : [dataset.name, dataset.digest];
  return JSON.stringify([entity, key, ...on]);
}

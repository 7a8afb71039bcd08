import { DuetMindError } from "../core/errors.ts";
import type { PlannedFeature } from "./feature-plan.ts";
import type { FittedOutput } from "./feature-view.ts";

/** How often each text occurs in the training split; the most frequent first, ties in code point order. */
export type CategoryCounts = Readonly<{
  counts: readonly (readonly [text: string, count: number])[];
  /** Rows that are not missing, and distinct texts, also those that `counts` leaves out. */
  rows: number;
  distinct: number;
}>;

type Categorical = Extract<PlannedFeature, { kind: "categorical" }>;
type Words = Extract<PlannedFeature, { kind: "words" }>;

const MOST_COLUMNS = 300;
export const MOST_ENTRIES = 2000;

/**
 * The columns of a categorical feature. A text that the training split does not have counts as rare
 * where `rare` is set; else it is 0 in every one-hot column, -1 as ordinal, 0 as frequency. Missing
 * is treated the same way (never as rare) unless imputed.
 */
export function fitCategorical(feature: Categorical, found: CategoryCounts): FittedOutput[] {
  const { name, input, encode } = feature;
  const counts = new Map(found.counts);
  const kept = keptCategories(feature, found, counts);
  const fill = filled(feature, found);
  const rare = feature.rare !== null;
  switch (encode) {
    case "one_hot": {
      const columns = kept.map((value): FittedOutput => {
        const column = `${name}=${value}`;
        return value === fill
          ? { name: column, kind: "lookup", input, entries: [[value, 1]], other: 0, missing: 1 }
          : { name: column, kind: "indicator", input, value };
      });
      if (!rare) return columns;
      const entries = kept.map((value) => [value, 0] as const);
      const missing = fill !== null && !kept.includes(fill) ? 1 : 0;
      return [
        ...columns,
        { name: `${name}=(rare)`, kind: "lookup", input, entries, other: 1, missing },
      ];
    }
    case "ordinal": {
      const entries = kept.map((value, i) => [value, i] as const);
      return [lookup(name, input, entries, rare ? kept.length : -1, -1, fill)];
    }
    case "frequency": {
      const entries = kept.map((value) => [value, (counts.get(value) ?? 0) / found.rows] as const);
      const keptRows = kept.reduce((sum, value) => sum + (counts.get(value) ?? 0), 0);
      return [
        lookup(name, input, entries, rare ? (found.rows - keptRows) / found.rows : 0, 0, fill),
      ];
    }
  }
}

function lookup(
  name: string,
  input: string,
  entries: readonly (readonly [string, number])[],
  other: number,
  whenMissing: number,
  fill: string | null,
): FittedOutput {
  const missing = fill === null ? whenMissing : (new Map(entries).get(fill) ?? other);
  return { name, kind: "lookup", input, entries, other, missing };
}

function keptCategories(
  feature: Categorical,
  found: CategoryCounts,
  counts: ReadonlyMap<string, number>,
): readonly string[] {
  const { rare } = feature;
  const least =
    rare === null ? 0 : "min_count" in rare ? rare.min_count : rare.min_share * found.rows;
  const isKept = (value: string) => (counts.get(value) ?? 0) >= least;
  const all = feature.categories ?? [...counts.keys()].sort(byCodePoint);
  const kept = all.filter(isKept);
  const most = feature.encode === "one_hot" ? MOST_COLUMNS : MOST_ENTRIES;
  if (
    kept.length > most ||
    (feature.categories === null && rare === null && found.distinct > most)
  ) {
    throw new DuetMindError(
      "BAD_INPUT",
      `feature ${feature.name}: expected at most ${most} categories for ${feature.encode}, got ${found.distinct}`,
      { hint: "group rare ones with rare: {min_share: 0.01}, or encode: frequency" },
    );
  }
  return kept;
}

function filled(feature: Categorical, found: CategoryCounts): string | null {
  if (feature.impute === "none") return null;
  return feature.impute === "most_frequent" ? found.counts[0]![0] : feature.impute.constant;
}

/** Texts that mean true and false. With one list only, every other text means the opposite. */
export function fitWords(feature: Words, found: CategoryCounts): FittedOutput {
  const { name, input, trueValues, falseValues, impute } = feature;
  const entries = [
    ...trueValues.map((word) => [word, 1] as const),
    ...falseValues.map((word) => [word, 0] as const),
  ];
  const values = new Map(entries);
  const opposite = trueValues.length === 0 ? 1 : falseValues.length === 0 ? 0 : null;
  const odd = found.counts.filter(([word]) => opposite === null && !values.has(word));
  if (odd.length > 0) {
    throw new DuetMindError(
      "COLUMN_TYPE",
      `feature ${name}: expected one of ${[...values.keys()].join(", ")}, got ${odd.length} other texts in ${odd.reduce((sum, [, n]) => sum + n, 0)} rows`,
      { hint: "add them to true_values or false_values" },
    );
  }
  let ones = 0;
  for (const [word, n] of found.counts) if ((values.get(word) ?? opposite) === 1) ones += n;
  const missing = imputedBoolean(impute, ones, found.rows);
  return { name, kind: "lookup", input, entries, other: opposite ?? missing, missing };
}

/** What a missing boolean becomes; a tie is false. */
export function imputedBoolean(
  impute: "most_frequent" | "none" | boolean,
  ones: number,
  rows: number,
): number | null {
  if (impute === "none") return null;
  if (typeof impute === "boolean") return impute ? 1 : 0;
  return ones > rows - ones ? 1 : 0;
}

/** Order of UTF-8 bytes, DuckDB's; JavaScript's own differs beyond U+FFFF. */
export function byCodePoint(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

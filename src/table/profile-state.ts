import type { Engine } from "./engine.ts";
import { fromPowerSums, type Moments, mergeMoments } from "./moments.ts";
import {
  factsQuery,
  hashCountsQuery,
  hashesTable,
  hashThreshold,
  mergedHashes,
  mergedSample,
  type ProfileKind,
  profileKind,
  sampleTable,
  scanQuery,
  shiftsQuery,
} from "./profile-sql.ts";
import type { Relation, RelationColumn } from "./relation.ts";
import type { Row } from "./row.ts";
import { id, sql } from "./sql.ts";

/**
 * What one scan of a table leaves for its profile, and what two such merge into. Counts, bounds,
 * lengths and moments are exact. Two samples stand for the rest:
 *
 * - rows: about 65,536 of them, those whose number has a small hash. The rank of a quantile errs by less
 *   than 1.63 ÷ √rows with 99 % confidence (Dvoretzky, Kiefer and Wolfowitz; Massart's constant).
 * - values: about 131,072 distinct ones a column, those with a small hash (Wegman's adaptive sampling):
 *   the number of distinct values errs by 1 ÷ √kept.
 *
 * Up to so many rows both are everything, and the profile is exact. What is "small" depends on the
 * number of rows alone, so parts merged keep exactly what one scan of the whole keeps.
 */
export type ProfileState = Readonly<{
  columns: readonly RelationColumn[];
  rowCount: number;
  facts: readonly ColumnFacts[];
  /** Tables of the engine: rows as `r`, `c0` …; hashes as `place`, `h`. */
  sample: string;
  hashes: string;
}>;

export type ColumnFacts = Readonly<{
  kind: ProfileKind;
  /** Values that are neither null nor NaN. */
  count: number;
  min: string | null;
  max: string | null;
  infinite: number;
  /** Of finite numbers. */
  moments: Moments | null;
  lengths: Readonly<{ min: number; max: number; total: number }> | null;
}>;

const SAMPLED_ROWS = 65_536;
const SAMPLED_CELLS = 2 ** 22;
const SAMPLED_VALUES = 131_072;

function thresholds(rows: number, columns: number) {
  const sampled = Math.max(1024, Math.min(SAMPLED_ROWS, Math.floor(SAMPLED_CELLS / columns)));
  return {
    sampleThreshold: hashThreshold(sampled, rows),
    valueThreshold: hashThreshold(SAMPLED_VALUES, rows),
  };
}

/** Scans a table once; `firstRow` numbers it where it is a part of a larger one. */
export async function scanProfile(
  engine: Engine,
  relation: Relation,
  firstRow = 0,
): Promise<ProfileState> {
  const { columns, rowCount } = relation;
  const [shifted] = await engine.rows(shiftsQuery(relation));
  const shifts = columns.map((_, i) => Number(shifted![`k${i}`] ?? 0));
  const [scan, sample, hashes] = [engine.freshName(), engine.freshName(), engine.freshName()];
  const plan = { relation, firstRow, shifts, ...thresholds(rowCount, columns.length) };
  await engine.run(scanQuery(plan, scan));
  const [row] = await engine.rows(factsQuery(scan, columns.length));
  await engine.run(sampleTable(scan, sample));
  await engine.run(hashesTable(scan, hashes, columns.length));
  await engine.run(sql`DROP TABLE ${id(scan)}`);
  const facts = columns.map((column, i) => toFacts(column, i, row!, shifts[i]!));
  return { columns, rowCount, facts, sample, hashes };
}

function toFacts(column: RelationColumn, i: number, row: Row, shift: number): ColumnFacts {
  const number = (letter: string) => Number(row[`${letter}${i}`] ?? 0);
  const text = (letter: string) => (row[`${letter}${i}`] ?? null) as string | null;
  const kind = profileKind(column);
  const [count, infinite] = [number("n"), number("f")];
  const sums = [number("a"), number("b"), number("c")] as const;
  return {
    kind,
    count,
    min: text("lo"),
    max: text("hi"),
    infinite,
    moments: kind === "number" ? fromPowerSums(count - infinite, shift, sums) : null,
    lengths:
      kind === "text" && count > 0
        ? { min: number("s"), max: number("l"), total: number("t") }
        : null,
  };
}

/** The state of two tables one after the other; the second was scanned with its `firstRow`. */
export async function mergeProfiles(
  engine: Engine,
  a: ProfileState,
  b: ProfileState,
): Promise<ProfileState> {
  const rowCount = a.rowCount + b.rowCount;
  const { sampleThreshold, valueThreshold } = thresholds(rowCount, a.columns.length);
  const [sample, hashes] = [engine.freshName(), engine.freshName()];
  await engine.run(mergedSample([a.sample, b.sample], sample, sampleThreshold));
  await engine.run(mergedHashes([a.hashes, b.hashes], hashes, valueThreshold));
  const facts = a.facts.map((each, i) => mergeFacts(each, b.facts[i]!));
  return { columns: a.columns, rowCount, facts, sample, hashes };
}

function mergeFacts(a: ColumnFacts, b: ColumnFacts): ColumnFacts {
  const moments =
    a.moments === null || b.moments === null ? null : mergeMoments(a.moments, b.moments);
  const compare = a.kind === "number" ? compareNumbers : compareText;
  return {
    kind: a.kind,
    count: a.count + b.count,
    min: pick(a.min, b.min, (x, y) => compare(x, y) <= 0),
    max: pick(a.max, b.max, (x, y) => compare(x, y) >= 0),
    infinite: a.infinite + b.infinite,
    moments,
    lengths:
      a.lengths === null || b.lengths === null
        ? (a.lengths ?? b.lengths)
        : {
            min: Math.min(a.lengths.min, b.lengths.min),
            max: Math.max(a.lengths.max, b.lengths.max),
            total: a.lengths.total + b.lengths.total,
          },
  };
}

function pick(a: string | null, b: string | null, isFirst: (a: string, b: string) => boolean) {
  if (a === null || b === null) return a ?? b;
  return isFirst(a, b) ? a : b;
}

/** Numbers as DuckDB writes them; integers keep all their digits. */
function compareNumbers(a: string, b: string): number {
  if (/^-?\d+$/.test(a) && /^-?\d+$/.test(b))
    return BigInt(a) < BigInt(b) ? -1 : Number(BigInt(a) > BigInt(b));
  return toNumber(a) - toNumber(b);
}

function toNumber(text: string): number {
  if (text === "inf") return Number.POSITIVE_INFINITY;
  return text === "-inf" ? Number.NEGATIVE_INFINITY : Number(text);
}

/** By bytes, as DuckDB orders text; times are written so that they sort the same. */
function compareText(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

/** How many distinct values each column has, and whether that is exact. */
export async function countDistinct(
  engine: Engine,
  state: ProfileState,
  inSample: readonly number[],
): Promise<readonly Readonly<{ distinct: number; isExact: boolean }>[]> {
  const kept = new Map<number, number>();
  for (const { place, n } of await engine.rows(hashCountsQuery(state.hashes))) {
    kept.set(Number(place), Number(n));
  }
  const { valueThreshold } = thresholds(state.rowCount, state.columns.length);
  return state.facts.map(({ count }, i) => {
    const found = kept.get(i) ?? 0;
    if (valueThreshold === null) return { distinct: found, isExact: true };
    const estimate = found * (2 ** 64 / Number(valueThreshold));
    const seen = inSample[i]!;
    // few values are all among the sampled rows, and counted there
    const isSeen = Math.abs(estimate - seen) <= estimate / Math.sqrt(Math.max(1, found));
    const distinct = found === 0 || isSeen ? seen : Math.max(seen, Math.round(estimate));
    return { distinct: Math.min(count, distinct), isExact: false };
  });
}

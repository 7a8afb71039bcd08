import { toInt64 } from "../core/int64.ts";
import type { Engine } from "./engine.ts";
import { type Moments, skewness, standardDeviation } from "./moments.ts";
import {
  CORRELATED,
  type Correlation,
  correlate,
  correlationWarnings,
  varyingNumbers,
} from "./profile-correlations.ts";
import {
  dropTable,
  histogramQuery,
  outliersQuery,
  QUANTILES,
  sampleQuery,
  timeRangeQuery,
  topQuery,
} from "./profile-sample-sql.ts";
import type { ProfileKind } from "./profile-sql.ts";
import {
  type ColumnFacts,
  countDistinct,
  type ProfileState,
  scanProfile,
} from "./profile-state.ts";
import { type ProfileWarning, warnAll } from "./profile-warnings.ts";
import type { Relation, RelationColumn } from "./relation.ts";
import type { Row } from "./row.ts";

/** An integer beyond 2^53 is a bigint, so that it keeps its digits. */
type Bound = string | number | bigint | null;

export type Histogram = Readonly<{
  edges: readonly (number | string)[];
  counts: readonly number[];
}>;
export type TopValue = Readonly<{ value: string; count: number; share: number }>;

export type ColumnProfile = Readonly<{
  name: string;
  type: string;
  kind: ProfileKind;
  /** Nulls and NaN. */
  missing: number;
  missing_share: number;
  distinct: number;
  distinct_exact: boolean;
  min: Bound;
  max: Bound;
  mean: number | null;
  std: number | null;
  skewness: number | null;
  infinite: number;
  lengths: Readonly<{ min: number; mean: number; max: number }> | null;
  quantiles: Readonly<Record<string, Bound>> | null;
  histogram: Histogram | null;
  top: readonly TopValue[];
  /** No value of a masked column is shown. */
  masked: boolean;
  warnings: readonly ProfileWarning[];
}>;

export type Profile = Readonly<{
  schema_version: 1;
  row_count: number;
  sample: Readonly<{ rows: number; exact: boolean; rank_error: number }>;
  columns: readonly ColumnProfile[];
  /** Every pair of so many number columns is correlated, the first ones that vary. */
  correlated: Readonly<{ columns: number; of: number }>;
  correlations: readonly Correlation[];
  warnings: readonly ProfileWarning[];
}>;

export type ProfileMask = Readonly<{
  isSensitive(column: string): boolean;
  mask(value: unknown): string;
}>;

export const NO_MASK: ProfileMask = { isSensitive: () => false, mask: String };

const TOP = 10;
const BINS = 20;
/** So many columns are scanned at once; beyond, DuckDB's aggregates take the square of their number. */
const COLUMNS_A_SCAN = 50;

/** The profile of a table: one scan, or one for each 50 columns and one for those that are correlated. */
export async function profileRelation(
  engine: Engine,
  relation: Relation,
  mask: ProfileMask = NO_MASK,
): Promise<Profile> {
  const { columns } = relation;
  if (columns.length <= COLUMNS_A_SCAN) {
    return describeProfile(engine, await scanProfile(engine, relation), mask);
  }
  const parts: Described[] = [];
  const numbers: RelationColumn[] = [];
  for (let at = 0; at < columns.length; at += COLUMNS_A_SCAN) {
    const some = columns.slice(at, at + COLUMNS_A_SCAN);
    const state = await scanProfile(engine, { ...relation, columns: some });
    parts.push(await describeColumns(engine, state, mask));
    numbers.push(...varyingNumbers(state, mask).map((place) => some[place]!));
    await dropState(engine, state);
  }
  const correlations = await correlateApart(engine, relation, numbers, mask);
  const { sample } = parts[0]!;
  const described = { sample, columns: parts.flatMap((part) => part.columns) };
  return toProfile(relation.rowCount, described, correlations, numbers.length);
}

/** The columns that are correlated stand in several scans, so they have one of their own. */
async function correlateApart(
  engine: Engine,
  relation: Relation,
  numbers: readonly RelationColumn[],
  mask: ProfileMask,
): Promise<readonly Correlation[]> {
  if (numbers.length < 2) return [];
  const chosen = { ...relation, columns: numbers.slice(0, CORRELATED) };
  const state = await scanProfile(engine, chosen);
  const correlations = await correlate(engine, state, mask);
  await dropState(engine, state);
  return correlations;
}

/** The profile that a state holds, in words and numbers. The tables of the state are dropped. */
export async function describeProfile(
  engine: Engine,
  state: ProfileState,
  mask: ProfileMask = NO_MASK,
): Promise<Profile> {
  const described = await describeColumns(engine, state, mask);
  const correlations = await correlate(engine, state, mask);
  await dropState(engine, state);
  const numbers = varyingNumbers(state, mask).length;
  return toProfile(state.rowCount, described, correlations, numbers);
}

type Described = Pick<Profile, "sample" | "columns">;

async function describeColumns(
  engine: Engine,
  state: ProfileState,
  { isSensitive, mask }: ProfileMask,
): Promise<Described> {
  const { sample, facts, columns, rowCount } = state;
  const [row] = await engine.rows(sampleQuery(sample, facts, columns));
  const sampled = Number(row!["rows"]);
  const scale = sampled === 0 ? 0 : rowCount / sampled;
  const inSample = columns.map((_, i) => Number(row![`d${i}`]));
  const distinct = await countDistinct(engine, state, inSample);
  const outliers = await outlierShares(engine, sample, facts, row!);
  const profiles: ColumnProfile[] = [];
  for (const [i, { name, type }] of columns.entries()) {
    const each = facts[i]!;
    const masked = isSensitive(name);
    const missing = rowCount - each.count;
    const top = await topValues(engine, sample, i, scale, rowCount);
    const shown: Omit<ColumnProfile, "warnings"> = {
      name,
      type,
      kind: each.kind,
      missing,
      missing_share: rowCount === 0 ? 0 : missing / rowCount,
      distinct: distinct[i]!.distinct,
      distinct_exact: distinct[i]!.isExact,
      min: masked ? null : boundOf(each, each.min),
      max: masked ? null : boundOf(each, each.max),
      ...(masked ? NO_SHAPE : shapeOf(each.moments)),
      infinite: each.infinite,
      lengths: lengthsOf(each),
      quantiles: masked ? null : quantilesOf(row![`q${i}`]),
      histogram: masked
        ? null
        : await histogramOf(engine, sample, i, each, scale, /^u?int/.test(type)),
      top: masked ? top.map((found) => ({ ...found, value: mask(found.value) })) : top,
      masked,
    };
    const seen = { row: row!, place: i, outliers: outliers.get(i) ?? 0 };
    profiles.push({ ...shown, warnings: warnAll(shown, rowCount, toSeen(seen)) });
  }
  const isExact = sampled === rowCount;
  const rankError = isExact ? 0 : Math.sqrt(Math.log(200) / (2 * sampled));
  return { sample: { rows: sampled, exact: isExact, rank_error: rankError }, columns: profiles };
}

function toProfile(
  rowCount: number,
  { sample, columns }: Described,
  correlations: readonly Correlation[],
  numbers: number,
): Profile {
  return {
    schema_version: 1,
    row_count: rowCount,
    sample,
    columns,
    correlated: { columns: Math.min(numbers, CORRELATED), of: numbers },
    correlations,
    warnings: correlationWarnings(correlations),
  };
}

async function dropState(engine: Engine, { sample, hashes }: ProfileState): Promise<void> {
  await engine.run(dropTable(sample));
  await engine.run(dropTable(hashes));
}

const NO_SHAPE = { mean: null, std: null, skewness: null } as const;

/** To 12 digits: sums of floats differ in the last ones from run to run. */
function shapeOf(moments: Moments | null): Pick<ColumnProfile, "mean" | "std" | "skewness"> {
  if (moments === null || moments.count === 0) return NO_SHAPE;
  const short = (value: number | null) => (value === null ? null : Number(value.toPrecision(12)));
  return {
    mean: short(moments.mean),
    std: short(standardDeviation(moments)),
    skewness: short(skewness(moments)),
  };
}

function boundOf({ kind }: ColumnFacts, text: string | null): Bound {
  if (text === null || kind === "text" || kind === "other") return text;
  if (text === "infinity" || text === "-infinity") {
    return text === "infinity" ? "Infinity" : "-Infinity";
  }
  if (kind === "time") return text.replace(" ", "T").replace(/\+00$/, "Z");
  if (text === "inf" || text === "-inf") return text === "inf" ? "Infinity" : "-Infinity";
  return /^-?\d+$/.test(text) ? toInt64(text) : Number(text);
}

function lengthsOf({ lengths, count }: ColumnFacts): ColumnProfile["lengths"] {
  if (lengths === null) return null;
  return { min: lengths.min, mean: lengths.total / count, max: lengths.max };
}

function quantilesOf(found: unknown): ColumnProfile["quantiles"] {
  if (!Array.isArray(found)) return null;
  const values = found as (string | number | bigint)[];
  const show = (value: string | number | bigint): Bound => {
    if (typeof value === "string") return value.replace(" ", "T").replace(/\+00$/, "Z");
    return typeof value === "bigint" || Number.isFinite(value) ? value : String(value);
  };
  return Object.fromEntries(QUANTILES.map((share, i) => [String(share), show(values[i]!)]));
}

async function topValues(
  engine: Engine,
  sample: string,
  place: number,
  scale: number,
  rowCount: number,
): Promise<TopValue[]> {
  const rows = await engine.rows(topQuery(sample, place, TOP));
  return rows.map(({ v, n }) => {
    const count = Math.round(Number(n) * scale);
    return { value: String(v), count, share: count / rowCount };
  });
}

/** Of the years that a Date can hold. */
const LAST_SECOND = 8.64e12;

async function histogramOf(
  engine: Engine,
  sample: string,
  place: number,
  { kind, min, max, moments, infinite }: ColumnFacts,
  scale: number,
  isWhole: boolean,
): Promise<Histogram | null> {
  if ((kind !== "number" && kind !== "time") || min === null || max === null) return null;
  let [low, high] = [Number(min), Number(max)];
  if (kind === "time") {
    const [range] = await engine.rows(timeRangeQuery(sample, place));
    [low, high] = [Number(range!["lo"]), Number(range!["hi"])];
  }
  const isFlat = !(high > low) || infinite > 0 || (moments !== null && moments.count === 0);
  if (isFlat || !Number.isFinite(high - low)) return null;
  // PostgreSQL's years go on where those of JavaScript end
  if (kind === "time" && Math.max(-low, high) > LAST_SECOND) return null;
  const bins = isWhole ? Math.ceil((high - low + 1) / wholeWidth(low, high)) : BINS;
  if (isWhole) high = low + bins * wholeWidth(low, high);
  const found = await engine.rows(
    histogramQuery(sample, place, kind, { min: low, max: high, bins }),
  );
  const counts = Array.from({ length: bins }, () => 0);
  for (const { bin, n } of found) counts[Number(bin)] = Math.round(Number(n) * scale);
  const edges = Array.from({ length: bins + 1 }, (_, i) => {
    const edge = i === bins ? high : low + ((high - low) * i) / bins;
    return kind === "number" ? Number(edge.toPrecision(12)) : new Date(edge * 1000).toISOString();
  });
  return { edges, counts };
}

/** Intervals of whole numbers are equal only when each holds as many of them. */
function wholeWidth(low: number, high: number): number {
  return Math.ceil((high - low + 1) / BINS);
}

async function outlierShares(
  engine: Engine,
  sample: string,
  facts: readonly ColumnFacts[],
  row: Row,
): Promise<ReadonlyMap<number, number>> {
  const fences = facts.flatMap(({ kind }, place) => {
    const quantiles = row[`q${place}`];
    if (kind !== "number" || !Array.isArray(quantiles)) return [];
    const [q1, q3] = [Number(quantiles[2]), Number(quantiles[4])];
    const reach = 3 * (q3 - q1);
    return reach > 0 && Number.isFinite(reach)
      ? [{ place, low: q1 - reach, high: q3 + reach }]
      : [];
  });
  if (fences.length === 0) return new Map();
  const [found] = await engine.rows(outliersQuery(sample, fences));
  return new Map(
    fences.map(({ place }) => [place, Number(found![`o${place}`]) / Number(row[`n${place}`])]),
  );
}

function toSeen({ row, place, outliers }: { row: Row; place: number; outliers: number }) {
  const share = (letter: string) =>
    Number(row[`${letter}${place}`] ?? 0) / Number(row[`n${place}`]);
  return { outliers, numbers: share("x"), blank: share("e"), spaces: share("s") };
}

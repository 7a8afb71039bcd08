import type { Engine } from "./engine.ts";
import type { ProfileMask } from "./profile.ts";
import { correlationsQuery, type Pair } from "./profile-sample-sql.ts";
import type { ProfileState } from "./profile-state.ts";
import type { ProfileWarning } from "./profile-warnings.ts";

export type Correlation = Readonly<{ columns: readonly [string, string]; r: number }>;

/** Of so many number columns every pair is correlated: 780 pairs, where 5,000 columns have 12 million. */
export const CORRELATED = 40;

/** Places of the number columns that can be correlated: they vary, and may be shown. */
export function varyingNumbers(
  { columns, facts }: ProfileState,
  { isSensitive }: ProfileMask,
): readonly number[] {
  return facts.flatMap(({ kind, moments }, i) =>
    kind === "number" && (moments?.m2 ?? 0) > 0 && !isSensitive(columns[i]!.name) ? [i] : [],
  );
}

/** Pearson's correlation of every pair of the first of them, over the sampled rows. */
export async function correlate(
  engine: Engine,
  state: ProfileState,
  mask: ProfileMask,
): Promise<readonly Correlation[]> {
  const { columns, sample } = state;
  const chosen = varyingNumbers(state, mask).slice(0, CORRELATED);
  const pairs = chosen.flatMap((a, i) => chosen.slice(i + 1).map((b): Pair => [a, b]));
  if (pairs.length === 0) return [];
  const [row] = await engine.rows(correlationsQuery(sample, pairs));
  return pairs.flatMap(([a, b], i): Correlation[] => {
    const r = row![`r${i}`];
    if (typeof r !== "number" || Number.isNaN(r)) return [];
    return [{ columns: [columns[a]!.name, columns[b]!.name], r: Number(r.toPrecision(12)) }];
  });
}

export function correlationWarnings(correlations: readonly Correlation[]): ProfileWarning[] {
  return correlations
    .filter(({ r }) => Math.abs(r) >= 0.9)
    .map(({ columns: [a, b], r }) => ({
      code: "HIGH_CORRELATION",
      column: a,
      message: `${a} and ${b} move together (r = ${r.toFixed(2)}): one of them may say nothing new`,
    }));
}

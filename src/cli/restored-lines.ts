import type { RestorePlan } from "../reproduce/cache/plan-restore.ts";

/** DVC's lines of a checkout: what was modified, then what was added, folders before files. */
export function restoredLines(plans: readonly RestorePlan[]): readonly string[] {
  return (["modified", "added"] as const).flatMap((kind) =>
    plans
      .filter(({ change }) => change === kind)
      .map(({ shown, isDirectory }) => `${shown}${isDirectory ? "/" : ""}`)
      .sort((a, b) => Number(b.endsWith("/")) - Number(a.endsWith("/")) || (a < b ? -1 : 1))
      .map((shown) => `${kind[0]!.toUpperCase()}\t${shown}`),
  );
}

/** How many files were modified, came and went. */
export function restoredCounts(
  plans: readonly RestorePlan[],
): readonly (readonly [word: string, count: number])[] {
  return (["modified", "added", "deleted"] as const).map((key) => [
    key,
    plans.reduce((sum, { counts }) => sum + counts[key], 0),
  ]);
}

import type { RestorePlan } from "../reproduce/cache/plan-restore.ts";

/** DVC's lines of a checkout: `A` for what came, `M` for what got another content. */
export function restoredLines(plans: readonly RestorePlan[]): readonly string[] {
  return plans
    .filter(({ change }) => change === "added" || change === "modified")
    .map(
      ({ change, shown, isDirectory }) =>
        `${change === "added" ? "A" : "M"}\t${shown}${isDirectory ? "/" : ""}`,
    );
}

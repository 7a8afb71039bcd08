import { relative } from "node:path";
import type { RestorePlan } from "../reproduce/cache/plan-restore.ts";

/** What came to its place, and the absolute paths of what was taken away, a folder's with a slash. */
type Restored = Readonly<{
  plans: readonly RestorePlan[];
  removed: readonly string[];
  cwd: string;
}>;

/** DVC's lines of a checkout: what was modified, added and deleted, folders before files. */
export function restoredLines({ plans, removed, cwd }: Restored): readonly string[] {
  const changed = (kind: RestorePlan["change"]) =>
    plans
      .filter(({ change }) => change === kind)
      .map(({ shown, isDirectory }) => `${shown}${isDirectory ? "/" : ""}`);
  const deleted = removed.map((path) => relative(cwd, path) + (path.endsWith("/") ? "/" : ""));
  const kinds = [
    ["M", changed("modified")],
    ["A", changed("added")],
    ["D", deleted],
  ] as const;
  return kinds.flatMap(([letter, paths]) =>
    [...paths]
      .sort((a, b) => Number(b.endsWith("/")) - Number(a.endsWith("/")) || (a < b ? -1 : 1))
      .map((path) => letter.padEnd(8) + path),
  );
}

/** How many files were modified and came, and how many files and outs went. */
export function restoredCounts({
  plans,
  removed,
}: Restored): readonly (readonly [word: string, count: number])[] {
  return (["modified", "added", "deleted"] as const).map((key) => {
    const outs = key === "deleted" ? removed.length : 0;
    return [key, plans.reduce((sum, { counts }) => sum + counts[key], outs)];
  });
}

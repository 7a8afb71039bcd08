import { dirname } from "node:path";

/** The absolute paths that a run of stages reads and writes. */
export type PathClaim = Readonly<{ reads: readonly string[]; writes: readonly string[] }>;

/** True when one of the two writes a path that the other reads or writes, or one around or inside it. */
export function doClaimsMeet(a: PathClaim, b: PathClaim): boolean {
  return doPathsMeet(a.writes, [...b.reads, ...b.writes]) || doPathsMeet(b.writes, a.reads);
}

export function doPathsMeet(some: readonly string[], others: readonly string[]): boolean {
  const exact = new Set(some);
  const around = new Set(some.flatMap(parents));
  return others.some(
    (path) => exact.has(path) || around.has(path) || parents(path).some((up) => exact.has(up)),
  );
}

function parents(path: string): string[] {
  const found: string[] = [];
  for (let up = dirname(path); up !== found.at(-1) && up !== path; up = dirname(up)) found.push(up);
  return found;
}

import { factsOf, haveSameFacts } from "../associations/text-facts.ts";

/** A memory as consolidation weighs it. */
export type Candidate = Readonly<{
  id: string;
  content: string;
  /** What it is worth now: effectiveImportance. */
  worth: number;
  trust: number;
  createdAt: Date;
  /** Memories of different kinds are never one: type, scope, subject, actor, validity and expiry. */
  kind: string;
}>;

export type NearPair = Readonly<{ a: string; b: string; similarity: number }>;
export type Cluster = Readonly<{
  keep: Candidate;
  merge: readonly Candidate[];
  /** The least similarity of a merged memory to the kept one. */
  similarity: number;
}>;

/**
 * Groups of memories that say the same: near each other, of one kind, with the same facts. The best of
 * a group is kept: most trusted, then worth most, then said at most length, then oldest. Every other is
 * near the kept one itself, not only near one that is near it, so that a group cannot drift.
 */
export function planConsolidation(
  candidates: readonly Candidate[],
  pairs: readonly NearPair[],
): Cluster[] {
  const byId = new Map(candidates.map((each) => [each.id, each]));
  const near = new Map<string, Map<string, number>>();
  for (const { a, b, similarity } of pairs) {
    for (const [from, to] of [[a, b] as const, [b, a] as const]) {
      near.set(from, (near.get(from) ?? new Map()).set(to, similarity));
    }
  }
  const taken = new Set<string>();
  const clusters: Cluster[] = [];
  for (const keep of candidates.toSorted(compareBest)) {
    if (taken.has(keep.id)) continue;
    const facts = factsOf(keep.content);
    const merge = [...(near.get(keep.id) ?? new Map<string, number>()).keys()]
      .filter((id) => id !== keep.id && !taken.has(id))
      .map((id) => byId.get(id))
      .filter((each) => each !== undefined)
      .filter((each) => each.kind === keep.kind && haveSameFacts(facts, factsOf(each.content)))
      .sort(compareBest);
    if (merge.length === 0) continue;
    for (const each of [keep, ...merge]) taken.add(each.id);
    const similarity = Math.min(...merge.map(({ id }) => near.get(keep.id)!.get(id)!));
    clusters.push({ keep, merge, similarity });
  }
  return clusters;
}

function compareBest(a: Candidate, b: Candidate): number {
  return (
    b.trust - a.trust ||
    b.worth - a.worth ||
    b.content.length - a.content.length ||
    a.createdAt.getTime() - b.createdAt.getTime() ||
    (a.id < b.id ? -1 : 1)
  );
}

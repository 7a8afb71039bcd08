import type { LexicalFit } from "./bm25.ts";
import {
  associationPart,
  type Direct,
  directFit,
  lexicalPart,
  NEIGHBOUR_SHARES,
  semanticPart,
  type Weights,
} from "./score-memories.ts";
import type { SessionCosines } from "./vector-queries.ts";

/** A memory that may be a hit, before its row is read. */
export type Candidate = Readonly<{
  agent: string;
  sessionId: string;
  position: number;
  direct: Direct;
  fit: number;
  /** The fit of those before and after it, by distance. */
  beside: readonly (readonly [number, number])[];
  /** What the row adds to is not in it. */
  score: number;
}>;

type Known = Readonly<{ agent: string; sessionId: string; direct: Direct; fit: number }>;

/**
 * Ranks what the vectors and the words found. `runs` are memories that stand one after the other; they
 * may overlap. What only words found has no neighbours and a cosine of 0.
 */
export function rankCandidates(
  runs: readonly SessionCosines[],
  lexical: ReadonlyMap<number, Readonly<LexicalFit>>,
  weights: Weights,
): Candidate[] {
  const known = new Map<number, Known>();
  const before = new Map<number, number>();
  const after = new Map<number, number>();
  for (const { agent, sessionId, positions, cosines } of runs) {
    for (const [i, position] of positions.entries()) {
      if (i > 0) {
        before.set(position, positions[i - 1]!);
        after.set(positions[i - 1]!, position);
      }
      if (known.has(position)) continue;
      const direct = { cosine: cosines[i]!, bm25: lexical.get(position)?.score ?? 0 };
      known.set(position, { agent, sessionId, direct, fit: directFit(direct, weights) });
    }
  }
  for (const [position, { score, block }] of lexical) {
    if (known.has(position)) continue;
    const direct = { cosine: 0, bm25: score };
    const { agent, sessionId } = block;
    known.set(position, { agent, sessionId, direct, fit: directFit(direct, weights) });
  }
  const candidates: Candidate[] = [];
  for (const [position, each] of known) {
    const beside: [number, number][] = [];
    let left: number | undefined = position;
    let right: number | undefined = position;
    for (const _ of NEIGHBOUR_SHARES) {
      left = left === undefined ? undefined : before.get(left);
      right = right === undefined ? undefined : after.get(right);
      beside.push([fitAt(known, left), fitAt(known, right)]);
    }
    const score = scoreWithoutRow(each.direct, beside, weights);
    candidates.push({ ...each, position, beside, score });
  }
  return candidates.sort((a, b) => b.score - a.score || a.position - b.position);
}

function fitAt(known: ReadonlyMap<number, Known>, position: number | undefined): number {
  return position === undefined ? 0 : (known.get(position)?.fit ?? 0);
}

const NO_CUES = { isNamed: false, substance: 0, isQuestion: true };

function scoreWithoutRow(direct: Direct, beside: Candidate["beside"], weights: Weights): number {
  return (
    weights.semantic * semanticPart(direct) +
    weights.lexical * lexicalPart(direct, NO_CUES) +
    weights.association * associationPart(beside, 0)
  );
}

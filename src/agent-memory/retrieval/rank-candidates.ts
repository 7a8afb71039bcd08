import type { LexicalFits } from "./bm25.ts";
import { greatest } from "./greatest.ts";
import { createPositionIndex } from "./position-index.ts";
import {
  associationPart,
  type Direct,
  directFit,
  lexicalPart,
  neighbourFit,
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
  /** What those before and after it lend it. */
  beside: number;
}>;

/** The best of the candidates, of as many as are asked for: most are never looked at. */
export type RankedCandidates = (count: number) => Candidate[];

/**
 * Ranks what the vectors found and, of what the words found, those with these numbers. `runs` are
 * memories that stand one after the other; they may overlap. What only words found has no neighbours
 * and a cosine of 0. What its row adds to a score is not in it.
 */
export function rankCandidates(
  runs: readonly SessionCosines[],
  lexical: LexicalFits,
  spoken: readonly number[],
  weights: Weights,
): RankedCandidates {
  const most = runs.reduce((sum, { positions }) => sum + positions.length, spoken.length);
  const known = createPositionIndex(most);
  const cosines = new Float64Array(most);
  const words = new Float64Array(most);
  const owners: Readonly<{ agent: string; sessionId: string }>[] = [];
  const ownerOf = new Int32Array(most);
  const before = new Int32Array(most).fill(NONE);
  const after = new Int32Array(most).fill(NONE);
  for (const run of runs) {
    let last = NONE;
    for (let i = 0; i < run.positions.length; i += 1) {
      const position = run.positions[i]!;
      const isNew = known.find(position) === NONE;
      const id = known.add(position);
      if (last !== NONE) {
        before[id] = last;
        after[last] = id;
      }
      last = id;
      if (!isNew) continue;
      cosines[id] = run.cosines[i]!;
      const spokenAs = lexical.index.find(position);
      if (spokenAs !== NONE) words[id] = lexical.scores[spokenAs]!;
      ownerOf[id] = owners.length;
    }
    owners.push(run);
  }
  for (const each of spoken) {
    const position = lexical.index.positionOf(each);
    if (known.find(position) !== NONE) continue;
    const id = known.add(position);
    words[id] = lexical.scores[each]!;
    ownerOf[id] = owners.length;
    owners.push(lexical.blocks[lexical.blockOf[each]!]!);
  }
  const direct = (id: number): Direct => ({ cosine: cosines[id]!, bm25: words[id]! });
  const fits = new Float64Array(known.size());
  for (let id = 0; id < fits.length; id += 1) fits[id] = directFit(direct(id), weights);
  const scores = fits.map((_, id) => {
    const beside = neighbourFit(fits, before, after, id);
    return scoreWithoutRow(direct(id), beside, weights);
  });
  return (count) =>
    greatest(scores, scores.length, count, known.positionOf).map((id) => {
      const { agent, sessionId } = owners[ownerOf[id]!]!;
      const beside = neighbourFit(fits, before, after, id);
      const position = known.positionOf(id);
      return { agent, sessionId, position, direct: direct(id), fit: fits[id]!, beside };
    });
}

const NONE = -1;
const NO_CUES = { isNamed: false, substance: 0, isQuestion: true };

function scoreWithoutRow(direct: Direct, beside: number, weights: Weights): number {
  return (
    weights.semantic * semanticPart(direct) +
    weights.lexical * lexicalPart(direct, NO_CUES) +
    weights.association * associationPart(beside, 0)
  );
}

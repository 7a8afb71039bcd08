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
import type { PlacedCosine, SessionCosines } from "./vector-queries.ts";

/** A memory that may be a hit, before its row is read. */
export type Candidate = Readonly<{
  sessionKey: number;
  position: number;
  direct: Direct;
  fit: number;
  /** What those before and after it lend it. */
  beside: number;
}>;

/** The best of the candidates, of as many as are asked for: most are never looked at. */
export type RankedCandidates = (count: number) => Candidate[];

/**
 * Ranks what the vectors found and, of what the words found, those with the numbers `spoken`. `runs` are
 * memories that stand one after the other; they may overlap. What only words or `near` found has no
 * neighbours, and what only words found a cosine of 0. What its row adds to a score is not in it.
 */
export function rankCandidates(
  { runs, near }: FoundByVector,
  lexical: LexicalFits,
  spoken: readonly number[],
  weights: Weights,
): RankedCandidates {
  const most = runs.reduce(
    (sum, { positions }) => sum + positions.length,
    near.length + spoken.length,
  );
  const known = createPositionIndex(most);
  const cosines = new Float64Array(most);
  const words = new Float64Array(most);
  const before = new Int32Array(most).fill(NONE);
  const after = new Int32Array(most).fill(NONE);
  const sessionKeys = new Float64Array(most);
  const add = (sessionKey: number, position: number, cosine: number): number => {
    const size = known.size();
    const id = known.add(position);
    if (id < size) return id;
    cosines[id] = cosine;
    sessionKeys[id] = sessionKey;
    const spokenAs = lexical.index.find(position);
    if (spokenAs !== NONE) words[id] = lexical.scores[spokenAs]!;
    return id;
  };
  for (const run of runs) {
    let last = NONE;
    for (let i = 0; i < run.positions.length; i += 1) {
      const id = add(run.sessionKey, run.positions[i]!, run.cosines[i]!);
      if (last !== NONE) {
        before[id] = last;
        after[last] = id;
      }
      last = id;
    }
  }
  for (const { sessionKey, position, cosine } of near) add(sessionKey, position, cosine);
  for (const each of spoken) {
    const { sessionKey } = lexical.blocks[lexical.blockOf[each]!]!;
    add(sessionKey, lexical.index.positionOf(each), 0);
  }
  const count = known.size();
  const fits = fitsOf(cosines, words, count, weights);
  const besides = new Float64Array(count);
  for (let id = 0; id < count; id += 1) besides[id] = neighbourFit(fits, before, after, id);
  const scores = scoresOf({ cosines, words, besides }, count, weights);
  return (wanted) =>
    greatest(scores, count, wanted, known.positionOf).map((id) => ({
      sessionKey: sessionKeys[id]!,
      position: known.positionOf(id),
      direct: { cosine: cosines[id]!, bm25: words[id]! },
      fit: fits[id]!,
      beside: besides[id]!,
    }));
}

/** What vectors found: memories that stand one after the other, and single ones. */
export type FoundByVector = Readonly<{
  runs: readonly SessionCosines[];
  near: readonly PlacedCosine[];
}>;

const NONE = -1;
const NO_CUES = { isNamed: false, substance: 0, isQuestion: true };

// loops of their own, so that V8 makes no object for each of thousands of memories

function fitsOf(
  cosines: Float64Array,
  words: Float64Array,
  count: number,
  weights: Weights,
): Float64Array {
  const fits = new Float64Array(count);
  for (let id = 0; id < count; id += 1) {
    fits[id] = directFit({ cosine: cosines[id]!, bm25: words[id]! }, weights);
  }
  return fits;
}

function scoresOf(
  { cosines, words, besides }: Readonly<Record<"cosines" | "words" | "besides", Float64Array>>,
  count: number,
  { semantic, lexical, association }: Weights,
): Float64Array {
  const scores = new Float64Array(count);
  for (let id = 0; id < count; id += 1) {
    const direct = { cosine: cosines[id]!, bm25: words[id]! };
    scores[id] =
      semantic * semanticPart(direct) +
      lexical * lexicalPart(direct, NO_CUES) +
      association * associationPart(besides[id]!, 0);
  }
  return scores;
}

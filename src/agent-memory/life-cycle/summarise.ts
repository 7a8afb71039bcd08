import { normaliseText } from "../privacy/normalise-text.ts";

/** Makes one text of several; a hook of one's own may call a model. The best memory comes first. */
export type Summariser = (contents: readonly string[]) => string | Promise<string>;

const MAX_SENTENCES = 5;

/**
 * The default: sentences of the memories, word for word. Those of the best come first; of the others
 * only what says words that were not there yet, up to five sentences in all. Near-duplicates therefore
 * give the best of them as it is.
 */
export const extractiveSummary: Summariser = (contents) => {
  const [best = "", ...others] = contents;
  const seen = new Set(wordsOf(best));
  const sentences = [best];
  for (const sentence of others.flatMap(sentencesOf)) {
    if (sentences.length >= MAX_SENTENCES) break;
    const words = wordsOf(sentence);
    const fresh = words.filter((word) => !seen.has(word)).length;
    if (words.length === 0 || fresh / words.length < MIN_FRESH) continue;
    sentences.push(sentence);
    for (const word of words) seen.add(word);
  }
  return sentences.join(" ");
};

/** The share of words that must be new for a sentence to be worth its place. */
const MIN_FRESH = 0.5;

const wordsOf = (text: string) => normaliseText(text).split(" ").filter(Boolean);

/** Sentences end at a full stop, question or exclamation mark before a gap, and at line ends. */
function sentencesOf(text: string): string[] {
  return text
    .split(/(?<=[.!?])\s+|\n+/u)
    .map((sentence) => sentence.trim())
    .filter(Boolean);
}

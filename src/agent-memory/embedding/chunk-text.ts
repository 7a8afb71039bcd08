/** How long a chunk may be, and how much of it the next one repeats, in tokens without the marks. */
export type ChunkLimits = Readonly<{ tokens: number; overlap: number }>;

/**
 * Cuts a text that is too long into chunks that the model reads whole. Cuts are after words, and
 * after the last sentence of a chunk where one ends in its second half; the next chunk starts some
 * words before, so that what stands around a cut is read in one piece once. Every word is in a chunk.
 * A word that is longer than the overlap (text without spaces) is cut between characters.
 */
export function chunkText(text: string, limits: ChunkLimits, count: Count): string[] {
  const words = splitWords(text, limits, count);
  const chunks: string[] = [];
  for (let start = 0; start < words.length; ) {
    const end = findEnd(words, start, limits.tokens, count);
    chunks.push(join(words, start, end));
    if (end === words.length) break;
    start = findStart(words, start, end, limits.overlap);
  }
  return chunks;
}

type Count = (text: string) => number;

/** Words of fewer tokens are never cut. */
const SHORT = 12;

/** A word, or a piece of one, with the white space around it. */
type Word = Readonly<{ text: string; tokens: number }>;

function splitWords(text: string, limits: ChunkLimits, count: Count): Word[] {
  // Chinese and Japanese sentences have no space after them
  const pattern = /\s*(?:[^\s。！？]+[。！？]*|[。！？]+)\s*/g;
  // in white space alone the pattern would look for a word from every place
  const words = (/\S/.test(text) && text.match(pattern)) || [text];
  const limit = Math.min(limits.tokens, Math.max(limits.overlap, SHORT));
  return words.flatMap((word) => splitWord(word, limit, count));
}

function splitWord(text: string, limit: number, count: Count): Word[] {
  const tokens = count(text);
  if (tokens <= limit) return [{ text, tokens }];
  const size = Math.ceil(text.length / Math.ceil(tokens / limit));
  const parts: string[] = [];
  for (let at = 0, end = 0; at < text.length; at = end) {
    end = Math.min(text.length, at + size);
    if (/[\uDC00-\uDFFF]/.test(text[end] ?? "")) end += 1; // not between the halves of a character
    parts.push(text.slice(at, end));
  }
  if (parts.length === 1) return [{ text, tokens }];
  return parts.flatMap((part) => splitWord(part, limit, count));
}

/** The place after the last word of the chunk that starts at `start`. */
function findEnd(words: readonly Word[], start: number, limit: number, count: Count): number {
  let end = start;
  let sentence = start;
  for (let tokens = 0; end < words.length; end++) {
    tokens += words[end]!.tokens;
    if (tokens > limit && end > start) break;
    if (tokens > limit / 2 && endsSentence(words[end]!.text)) sentence = end + 1;
  }
  if (end === words.length) sentence = end;
  let chosen = sentence > start ? sentence : end;
  // of some tokenizers words together are more than the sum of them
  while (chosen - start > 1 && count(join(words, start, chosen)) > limit) chosen -= 1;
  return chosen;
}

/** Back from `end` by `overlap` tokens of whole words, but always on. */
function findStart(words: readonly Word[], start: number, end: number, overlap: number): number {
  let next = end;
  for (let tokens = 0; next - 1 > start; next--) {
    tokens += words[next - 1]!.tokens;
    if (tokens > overlap) break;
  }
  return next;
}

function endsSentence(word: string): boolean {
  return /[.!?…。！？]["'”’)\]]*\s*$|\n\s*$/.test(word);
}

function join(words: readonly Word[], start: number, end: number): string {
  let text = "";
  for (let i = start; i < end; i++) text += words[i]!.text;
  return text;
}

/** How long a chunk may be, and how much of it the next one repeats, in tokens without the marks. */
export type ChunkLimits = Readonly<{ tokens: number; overlap: number }>;

/**
 * Cuts a text that is too long into chunks that the model reads whole. Cuts are after words, and
 * after the last sentence of a chunk where one ends in its second half; the next chunk starts some
 * words before, so that what stands around a cut is read in one piece once. Every word is in a chunk.
 *
 * `count` tells the tokens of a text. A word that is longer than a chunk (text without spaces) is cut
 * between characters.
 */
export function chunkText(
  text: string,
  limits: ChunkLimits,
  count: (text: string) => number,
): string[] {
  const words = splitWords(text, limits.tokens, count);
  const chunks: string[] = [];
  for (let start = 0; start < words.length; ) {
    const end = findEnd(words, start, limits.tokens, count);
    chunks.push(join(words, start, end));
    if (end === words.length) break;
    start = findStart(words, start, end, limits.overlap);
  }
  return chunks;
}

/** A word with the white space after it. */
type Word = Readonly<{ text: string; tokens: number }>;

function splitWords(text: string, limit: number, count: (text: string) => number): Word[] {
  const pieces = text.match(/\s*\S+\s*/g) ?? [text];
  return pieces.flatMap((piece) => splitPiece(piece, limit, count));
}

function splitPiece(text: string, limit: number, count: (text: string) => number): Word[] {
  const tokens = count(text);
  if (tokens <= limit || text.length < 2) return [{ text, tokens }];
  const middle = text.length >> 1;
  // not between the two halves of one character
  const at = /[\uDC00-\uDFFF]/.test(text[middle]!) ? middle + 1 : middle;
  if (at === text.length) return [{ text, tokens }];
  return [text.slice(0, at), text.slice(at)].flatMap((half) => splitPiece(half, limit, count));
}

/** The place after the last word of the chunk that starts at `start`. */
function findEnd(
  words: readonly Word[],
  start: number,
  limit: number,
  count: (text: string) => number,
): number {
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

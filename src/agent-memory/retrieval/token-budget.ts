/**
 * Tokens that a text takes in the window of a model: a quarter of its bytes, which is what English takes
 * in the tokenizers of large models, and more than most texts of other scripts take.
 */
export function countTokens(text: string): number {
  return Math.ceil(Buffer.byteLength(text) / 4);
}

/** The first of them whose texts fit together; one that does not fit ends the list. */
export function withinBudget<T extends Readonly<{ content: string }>>(
  hits: readonly T[],
  maxTokens: number | undefined,
): T[] {
  if (maxTokens === undefined) return [...hits];
  let left = maxTokens;
  const end = hits.findIndex(({ content }) => {
    left -= countTokens(content);
    return left < 0;
  });
  return hits.slice(0, end < 0 ? hits.length : end);
}

/**
 * Tokens that a text of so many bytes takes in the window of a model: a quarter of them, which is what
 * English takes in the tokenizers of large models, and more than most texts of other scripts take.
 */
export function countTokens(bytes: number): number {
  return Math.ceil(bytes / 4);
}

/** The first of them whose texts fit together; one that does not fit ends the list. */
export function withinBudget<T extends Readonly<{ bytes: number }>>(
  ranked: readonly T[],
  maxTokens: number | undefined,
): T[] {
  if (maxTokens === undefined) return [...ranked];
  let left = maxTokens;
  const end = ranked.findIndex(({ bytes }) => {
    left -= countTokens(bytes);
    return left < 0;
  });
  return ranked.slice(0, end < 0 ? ranked.length : end);
}

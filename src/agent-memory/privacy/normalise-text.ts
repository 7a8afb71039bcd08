/**
 * A text without what saying it again changes: case, punctuation, blanks, forms of letters, characters
 * that are not seen. Two texts of one normal form say the same words in the same order.
 */
export function normaliseText(text: string): string {
  return text
    .normalize("NFKC")
    .toLowerCase()
    .replace(/\p{Cf}+/gu, "")
    .replace(/[^\p{L}\p{M}\p{N}]+/gu, " ")
    .trim();
}

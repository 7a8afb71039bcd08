/** Lengths of MLflow's fields, in characters (reference: mlflow.md, section 6). */
export const MAX_PARAM_VALUE = 6000;
export const MAX_TAG_VALUE = 8000;

/** Cuts a text to so many characters as the database counts them: a surrogate pair is one. */
export function cutText(text: string, maxCharacters: number): string {
  if (text.length <= maxCharacters) return text;
  const characters = [...text];
  return characters.length <= maxCharacters ? text : characters.slice(0, maxCharacters).join("");
}

const LONE_SURROGATE = /\p{Cs}/u;

/** What half a character there is in a text, and where; undefined where there is none. */
export function loneSurrogate(text: string): string | undefined {
  const at = text.search(LONE_SURROGATE);
  return at < 0 ? undefined : `the lone surrogate ${codeName(text, at)} at character ${at + 1}`;
}

/** Such as `U+001B`: what stands at a place of a text. */
export function codeName(text: string, at: number): string {
  return `U+${text.charCodeAt(at).toString(16).toUpperCase().padStart(4, "0")}`;
}

import { digestBytes, digestHex } from "../../core/hash.ts";
import { stemWord } from "./stem-word.ts";
import { STOP_WORDS } from "./stop-words.ts";

/** The longest part of a text that has terms; what comes after is found by its vectors. */
const MOST_TERMS = 32_767;

/**
 * What lexical search compares: the stems of the words of a text, in order, each as often as the text
 * says it. Case, accents and what follows an apostrophe do not count; stop words do not either, unless
 * the text has no other.
 */
export function textTerms(text: string): string[] {
  const words: string[] = [];
  for (const [match] of normalize(text).matchAll(WORD)) {
    const word = match.replace(/'.*$/, "");
    if (word !== "") words.push(word);
    if (words.length === MOST_TERMS) break;
  }
  const telling = words.filter((word) => !STOP_WORDS.has(word));
  return (telling.length === 0 ? words : telling).map(stemWord);
}

const WORD = /[\p{L}\p{N}]+(?:'\p{L}+)?/gu;

function normalize(text: string): string {
  const plain = text.toLowerCase().normalize("NFKD");
  return plain.replace(/\p{M}+/gu, "").replaceAll("’", "'");
}

/** A term as the index has it, a number of 32 bits. */
export type TermCode = (term: string) => number;

/** Of terms in clear. Two terms in a billion share a number. */
export function createTermCode(digest: (term: string) => string = clearDigest): TermCode {
  const known = new Map<string, number>();
  return (term) => {
    let code = known.get(term);
    if (code === undefined) {
      code = Number.parseInt(digest(term).slice(-8), 16) | 0;
      if (known.size === MOST_KNOWN) known.clear();
      known.set(term, code);
    }
    return code;
  };
}

const MOST_KNOWN = 50_000;

function clearDigest(term: string): string {
  return digestHex(digestBytes(term));
}

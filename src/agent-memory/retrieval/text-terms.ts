import { digestBytes, digestHex } from "../../core/hash.ts";
import { stemWord } from "./stem-word.ts";
import { STOP_WORDS } from "./stop-words.ts";

/** The longest part of a text that has terms; what comes after is found by its vectors. */
const MOST_TERMS = 8_192;

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

/** What makes codes of terms that tell nothing without a key. */
type TermSeal = Readonly<{ digest(text: string): string }>;

/** The number of 32 bits that a term is stored under: keyed where content is sealed. */
export function termCode(term: string, seal?: TermSeal): number {
  return termCodes(term, seal)[0]!;
}

/** All that a term may be stored under: by the key, and in clear from before there was one. */
export function termCodes(term: string, seal?: TermSeal): readonly number[] {
  const memo = memoOf(seal ?? CLEAR);
  let codes = memo.get(term);
  if (codes === undefined) {
    const keyed = seal === undefined ? [] : [seal.digest(`term ${term}`)];
    codes = [...keyed, digestHex(digestBytes(term))].map(toCode);
    if (memo.size === MOST_KNOWN) memo.clear();
    memo.set(term, codes);
  }
  return codes;
}

const CLEAR = {};
const MOST_KNOWN = 50_000;
const memos = new WeakMap<object, Map<string, readonly number[]>>();

function memoOf(seal: object): Map<string, readonly number[]> {
  const memo = memos.get(seal) ?? new Map<string, readonly number[]>();
  memos.set(seal, memo);
  return memo;
}

function toCode(hex: string): number {
  return Number.parseInt(hex.slice(-8), 16) | 0;
}

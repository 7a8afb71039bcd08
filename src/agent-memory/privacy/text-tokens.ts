/**
 * Text as the redaction rules see it: runs of letters, runs of digits, runs of blanks, single other
 * characters, and placeholders that redaction has already left. One pass, no back-tracking: a rule looks
 * at a bounded number of tokens from where it stands, so the work grows with the text and no faster.
 *
 *     "Dr. Ames, MRN 00417" → word Dr · mark . · blank · word Ames · mark , · blank · word MRN · …
 */
export type Token = Readonly<{
  kind: "word" | "number" | "blank" | "line" | "mark" | "placeholder";
  text: string;
}>;

/** What redaction puts in place of what it takes: `[NAME]`, `[DATE]`. */
export const PLACEHOLDER_TYPES = [
  ...(["NAME", "DATE", "AGE", "MRN", "ID", "SSN", "PHONE", "EMAIL", "ADDRESS", "URL"] as const),
  ...(["IP"] as const),
] as const;
export type PlaceholderType = (typeof PLACEHOLDER_TYPES)[number];

const TOKEN = new RegExp(
  [
    `(?<placeholder>\\[(?:${PLACEHOLDER_TYPES.join("|")})\\])`,
    "(?<word>[\\p{L}\\p{M}]+)",
    "(?<number>\\p{Nd}+)",
    "(?<line>[\\r\\n])",
    "(?<blank>[^\\S\\r\\n]+)",
    "(?<mark>[^])",
  ].join("|"),
  "gu",
);

export function tokenise(text: string): Token[] {
  const tokens: Token[] = [];
  for (const { 0: found, groups } of text.matchAll(TOKEN)) {
    const kind = KINDS.find((each) => groups![each] !== undefined)!;
    tokens.push({ kind, text: found });
  }
  return tokens;
}

const KINDS = ["word", "blank", "mark", "number", "line", "placeholder"] as const;

/** A word that begins with a capital letter: `Ames`, `MRN`. */
export function isCapitalised(token: Token | undefined): token is Token {
  return token?.kind === "word" && /^\p{Lu}/u.test(token.text);
}

/** The digits of a number token of so many digits, or undefined. */
export function digitsOf(
  token: Token | undefined,
  least: number,
  most: number = least,
): string | undefined {
  if (token?.kind !== "number") return undefined;
  return token.text.length >= least && token.text.length <= most ? token.text : undefined;
}

export function isMark(token: Token | undefined, marks: string): boolean {
  return token?.kind === "mark" && marks.includes(token.text);
}

/** Whether a token ends a word or number: the text before, or after, does not go on without a gap. */
export function isEdge(token: Token | undefined): boolean {
  return token === undefined || (token.kind !== "word" && token.kind !== "number");
}

/** The place after blanks (one token at most, as a run is one). */
export function afterBlank(tokens: readonly Token[], at: number): number {
  return tokens[at]?.kind === "blank" ? at + 1 : at;
}

/** The place after one of the words, in any case, and the dot of an abbreviation; undefined without. */
export function afterWord(
  tokens: readonly Token[],
  at: number,
  words: ReadonlySet<string>,
): number | undefined {
  const token = tokens[at];
  if (token?.kind !== "word" || token.text.length > MAX_WORD) return undefined;
  if (!words.has(token.text.toLowerCase())) return undefined;
  return isMark(tokens[at + 1], ".") ? at + 2 : at + 1;
}

/** No word of a list is longer; a longer run of letters is not put in lower case to find that out. */
const MAX_WORD = 40;

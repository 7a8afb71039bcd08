import { date } from "./date-rules.ts";
import type { Rule } from "./redact.ts";
import { skipToValue } from "./skip-to-value.ts";
import { afterBlank, afterWord, isEdge, isMark, type Token } from "./text-tokens.ts";

// Numbers that stand for a person in some file: what they look like differs from house to house, so
// the words before them decide.

const CUES = {
  MRN:
    "mrn|urn|medical record|med rec|hospital number|hospital no|chart|patient id|patient number|" +
    "patient no|patient identifier|record number|record no",
  ID:
    "nhs number|nhs no|health card|health insurance number|chi number|account|acct|encounter|" +
    "visit id|visit number|accession|specimen id|case number|insurance id|insurance number|" +
    "policy|member id|group number|medicare|medicaid|subject id|participant id|license|licence|" +
    "npi|dea number|passport|serial number|device id|claim number|order number",
} as const;

type Cue = Readonly<{ words: readonly string[]; type: "MRN" | "ID" }>;

/** The cues by their first word. */
const BY_FIRST = new Map<string, Cue[]>();
for (const type of ["MRN", "ID"] as const) {
  for (const cue of CUES[type].split("|")) {
    const words = cue.split(" ");
    BY_FIRST.set(words[0]!, [...(BY_FIRST.get(words[0]!) ?? []), { words, type }]);
  }
}

/** `MRN: 00-417-22`, `account no. A1234567`: four characters at least, with a digit. */
export const recordNumber: Rule = (tokens, at) => {
  const token = tokens[at];
  if (token?.kind !== "word" || token.text.length > 12 || !isEdge(tokens[at - 1])) return undefined;
  for (const { words, type } of BY_FIRST.get(token.text.toLowerCase()) ?? []) {
    const cue = afterWords(tokens, at, words);
    if (cue === undefined) continue;
    const from = skipToValue(tokens, cue);
    const end = endOfIdentifier(tokens, from);
    if (end !== undefined && date(tokens, from) === undefined) return { from, to: end, end, type };
  }
  return undefined;
};

function afterWords(
  tokens: readonly Token[],
  at: number,
  words: readonly string[],
): number | undefined {
  let place: number | undefined = at;
  for (const word of words) {
    place = afterWord(tokens, afterBlank(tokens, place), new Set([word]));
    if (place === undefined) return undefined;
  }
  return place;
}

/** Letters, digits and `-/_.` without a gap, and groups of digits after single blanks ("943 476 5919"). */
function endOfIdentifier(tokens: readonly Token[], from: number): number | undefined {
  let [end, characters, digits] = [from, 0, 0];
  for (let i = from; i < from + 24; i++) {
    const token = tokens[i];
    const isPart = token?.kind === "word" || token?.kind === "number";
    const isGap = token?.text === " " && tokens[i - 1]?.kind === "number" && i > from;
    if (isGap && !/^\p{Nd}{3,}$/u.test(tokens[i + 1]?.text.slice(0, 20) ?? "")) break;
    if (!isPart && !isGap && !isMark(token, "-/_.")) break;
    if (!isPart) continue;
    characters += token.text.length;
    if (token.kind === "number") digits += token.text.length;
    end = i + 1;
  }
  const isYear = end === from + 1 && /^(19|20)\d\d$/.test(tokens[from]!.text);
  return digits >= 1 && characters >= 4 && !isYear ? end : undefined;
}

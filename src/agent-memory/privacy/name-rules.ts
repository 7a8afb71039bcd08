import { GIVEN_NAMES } from "./given-names.ts";
import type { Match, Rule } from "./redact.ts";
import {
  afterBlank,
  afterWord,
  isCapitalised,
  isEdge,
  isMark,
  type Token,
  tokenise,
} from "./text-tokens.ts";

// Names: behind a title ("Dr."), behind a word that calls for one ("Patient:", "daughter"), before a
// degree (", MD"), by a list of given names, and by the lists of a configuration.

const set = (words: string): ReadonlySet<string> => new Set(words.split(" "));

const TITLES = set(
  "dr doctor mr mrs ms miss mx prof professor nurse sister herr frau monsieur madame mme señor señora sr sra signor signora",
);
/** Words that may come between a cue and its name. */
const FILLERS = set("is was name named called full legal preferred by and");
/** A name follows them, if a word with a capital does. */
const CUES = set(
  "name named daughter son wife husband mother father sister brother niece nephew aunt uncle " +
    "granddaughter grandson grandmother grandfather spouse partner caregiver carer guardian friend " +
    "neighbor neighbour attending physician surgeon provider cardiologist neurologist psychiatrist " +
    "psychologist therapist pcp gp signed dear sincerely regards respondent informant physiotherapist",
);
/** "Patient Health Questionnaire": after these a single word is a name only behind a mark, or known. */
const LOOSE_CUES = set("patient pt client resident participant");
/** Words with a capital that end a name, or are none. */
const NO_NAME = set(
  "the a an he she it they his her their this that these those there and or but if when while who whom " +
    "has had have is was were will would can may i we you in on at to for from of with without by as " +
    "no not yes denies reports reported states presents presented shows scored lives takes started " +
    "practitioner manager station anesthetist aide assistant educator midwife specialist consultant " +
    "health global reported safety history care education outcome outcomes id number record reports " +
    "clinic hospital university center centre institute department unit ward memorial medical " +
    "md rn phd do np pa jr sr mmse moca cdr adas apoe mri ct pet csf eeg ecg ekg bp hr bmi hba hdl ldl",
);
/** Behind a surname they tell that a disease or a test is meant: "Charles Bonnet syndrome". */
const EPONYM_HEADS = set(
  "disease syndrome test scale sign score criteria dementia palsy chorea lymphoma index phenomenon " +
    "inventory questionnaire hospital clinic university center centre institute trial study method " +
    "classification reflex manoeuvre maneuver formula equation figure curve plot correction",
);
const PARTICLES = set("van von der den de del della la le di da dos al bin ibn el ter ten zu");
const DEGREES = set("md rn phd do np pa dpm dds psyd mbbs frcp lcsw pharmd pt ot");

const MAX_PARTS = 5;

/** `Dr. Ann van Ames-Lee`: the title is kept. */
const titled: Rule = (tokens, at) => {
  const title = isEdge(tokens[at - 1]) ? afterWord(tokens, at, TITLES) : undefined;
  if (title === undefined || !isCapitalised(tokens[at])) return undefined;
  let from = afterBlank(tokens, title);
  if (from === title && !isMark(tokens[title - 1], ".")) return undefined;
  // "Prof. Dr. Ames"
  from = afterBlank(tokens, afterWord(tokens, from, TITLES) ?? from);
  return named(tokens, from, endOfName(tokens, from, true));
};

/** `Patient: Ann Ames`, `daughter Ann`, `Name: AMES, Ann`. */
const cued: Rule = (tokens, at) => {
  if (!isEdge(tokens[at - 1])) return undefined;
  const strict = afterWord(tokens, at, CUES);
  const loose = strict ?? afterWord(tokens, at, LOOSE_CUES);
  if (loose === undefined || isMark(tokens[at + 1], ".")) return undefined;
  let from = loose;
  let marked = false;
  for (let i = 0; i < 4; i++) {
    from = afterBlank(tokens, from);
    const filler = afterWord(tokens, from, FILLERS);
    if (isMark(tokens[from], ":,=(") || (isMark(tokens[from], "-–") && marked)) {
      marked ||= !isMark(tokens[from], "(");
      from += 1;
    } else if (filler !== undefined && !isCapitalised(tokens[from])) {
      marked ||= /^(is|named|called|name)$/.test(tokens[from]!.text);
      from = filler;
    } else if (/^name$/i.test(tokens[from]?.text.slice(0, 5) ?? "")) {
      marked = true;
      from += 1;
    } else break;
  }
  if (from === loose || !isCapitalised(tokens[from])) return undefined;
  const end = endOfName(tokens, from, marked);
  if (end === undefined || isEponym(tokens, end)) return undefined;
  const known = GIVEN_NAMES.has(tokens[from]!.text.slice(0, 20).toLowerCase());
  if (strict === undefined && !marked && !known) return undefined;
  const last = isMark(tokens[end], ",") && marked && /name/i.test(tokens[at]!.text.slice(0, 5));
  const more = last ? endOfName(tokens, afterBlank(tokens, end + 1), true) : undefined;
  return named(tokens, from, more ?? end);
};

/** `J. Ames, MD`: one to four parts before a degree. */
const graduated: Rule = (tokens, at) => {
  if (!isCapitalised(tokens[at]) || !isEdge(tokens[at - 1])) return undefined;
  const end = endOfName(tokens, at, true);
  if (end === undefined || !isMark(tokens[end], ",")) return undefined;
  const degree = tokens[afterBlank(tokens, end + 1)];
  const known = degree?.kind === "word" && degree.text.length <= 6 && degree.text !== "do";
  return known && isCapitalised(degree) && DEGREES.has(degree.text.toLowerCase())
    ? named(tokens, at, end)
    : undefined;
};

/** A known given name, with the surname that follows it. */
const given: Rule = (tokens, at) => {
  const token = tokens[at];
  if (!isCapitalised(token) || token.text.length > 20 || !isEdge(tokens[at - 1])) return undefined;
  if (!GIVEN_NAMES.has(token.text.toLowerCase())) return undefined;
  const before = tokens[at - 1]?.kind === "blank" ? tokens[at - 2] : undefined;
  if (isMark(before, ".") && /^st$/i.test(tokens[at - 3]?.text ?? "")) return undefined; // St. Mary
  const end = endOfName(tokens, at, false);
  return end === undefined || isEponym(tokens, end) ? undefined : named(tokens, at, end);
};

function named(tokens: readonly Token[], from: number, end: number | undefined): Match | undefined {
  if (end === undefined || !isEdge(tokens[end])) return undefined;
  return { from, to: end, end, type: "NAME" };
}

/**
 * The place after a name: parts with a capital, initials, particles ("van der"), hyphens, apostrophes.
 * Words all in capitals (MMSE, MRI) are parts only where `capitals` says that a name must follow.
 */
function endOfName(tokens: readonly Token[], from: number, capitals: boolean): number | undefined {
  let end: number | undefined;
  let at = from;
  for (let parts = 0; parts < MAX_PARTS; parts++) {
    const token = tokens[at];
    if (token?.kind !== "word") break;
    const text = token.text.slice(0, 24);
    const next = tokens[afterBlank(tokens, at + 1)];
    const particle = PARTICLES.has(text.toLowerCase()) && (isCapitalised(next) || isParticle(next));
    if (!particle && !isNamePart(tokens, at, capitals)) break;
    at += 1;
    if (text.length === 1 && isMark(tokens[at], ".")) at += 1;
    // O'Brien, Ames-Lee
    for (let i = 0; i < 2 && isMark(tokens[at], "'’-") && isCapitalised(tokens[at + 1]); i++)
      at += 2;
    if (!particle) end = at;
    if (tokens[at]?.kind !== "blank") break;
    at += 1;
  }
  return end;
}

const isParticle = (token: Token | undefined) =>
  token?.kind === "word" && PARTICLES.has(token.text.slice(0, 4).toLowerCase());

function isNamePart(tokens: readonly Token[], at: number, capitals: boolean): boolean {
  const token = tokens[at];
  if (!isCapitalised(token)) return false;
  const text = token.text.slice(0, 24);
  if (NO_NAME.has(text.toLowerCase())) return false;
  if (tokens[at + 1]?.kind === "number") return false; // APOE4
  const shouted = text.length > 1 && text === text.toUpperCase();
  return capitals || !shouted;
}

/** "…'s disease", "… syndrome", "… et al." behind the name. */
function isEponym(tokens: readonly Token[], end: number): boolean {
  let at = end;
  if (isMark(tokens[at], "'’") && /^s$/i.test(tokens[at + 1]?.text ?? "")) at += 2;
  if (isMark(tokens[at], "-–") && isCapitalised(tokens[at + 1])) at += 2;
  const head = tokens[afterBlank(tokens, at)];
  return head?.kind === "word" && EPONYM_HEADS.has(head.text.slice(0, 24).toLowerCase());
}

/** The names of a list, in any case, as whole words: "Ann Ames" finds "ANN  AMES". */
export function listedNames(names: readonly string[]): Rule {
  const byFirst = new Map<string, string[][]>();
  for (const name of names) {
    const words = wordsOf(tokenise(name));
    const first = words[0];
    if (first !== undefined) byFirst.set(first, [...(byFirst.get(first) ?? []), words]);
  }
  for (const lists of byFirst.values()) lists.sort((a, b) => b.length - a.length);
  return (tokens, at) => {
    const token = tokens[at];
    if (token?.kind !== "word" || token.text.length > 60 || !isEdge(tokens[at - 1]))
      return undefined;
    for (const words of byFirst.get(token.text.toLowerCase()) ?? []) {
      const end = afterWords(tokens, at, words);
      if (end !== undefined && isEdge(tokens[end])) return named(tokens, at, end);
    }
    return undefined;
  };
}

const wordsOf = (tokens: readonly Token[]) =>
  tokens
    .filter(({ kind }) => kind === "word" || kind === "number")
    .map((t) => t.text.toLowerCase());

/** The words one after another, with at most two blanks or marks (". ", "-") between. */
function afterWords(tokens: readonly Token[], at: number, words: readonly string[]) {
  let place = at;
  for (const [i, word] of words.entries()) {
    for (let gap = 0; gap < 2 && i > 0; gap++) {
      if (tokens[place]?.kind === "blank" || isMark(tokens[place], ".-'’,")) place += 1;
    }
    const token = tokens[place];
    if (token === undefined || token.text.length > 60 || token.text.toLowerCase() !== word) {
      return undefined;
    }
    place += 1;
  }
  return place;
}

/** Every rule for names that needs no configuration. */
export const nameRules: readonly Rule[] = [titled, cued, graduated, given];

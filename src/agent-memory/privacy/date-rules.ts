import type { Match, Rule } from "./redact.ts";
import {
  afterBlank,
  afterWord,
  digitsOf,
  isCapitalised,
  isEdge,
  isMark,
  type Token,
} from "./text-tokens.ts";

// Dates that say more than a year, and ages above 89. A year alone stays, as do times of the day.

const MONTHS = new Set(
  (
    "january february march april may june july august september october november december " +
    "jan feb mar apr jun jul aug sep sept oct nov dec"
  ).split(" "),
);
/** Words of everyday English too: in small letters they are a month only between day and year. */
const ORDINALS = new Set(["st", "nd", "rd", "th"]);

const whole = (from: number, to: number): Match => ({ from, to, end: to, type: "DATE" });

export const date: Rule = (tokens, at) => {
  if (!isEdge(tokens[at - 1])) return undefined;
  const token = tokens[at];
  if (token?.kind === "number") return numericDate(tokens, at) ?? dayAndMonth(tokens, at);
  return token?.kind === "word" ? (monthAndDay(tokens, at) ?? cuedDate(tokens, at)) : undefined;
};

/** `2024-03-15` with its time, `03/15/2024`, `15.3.2024`, `15-Mar-24`, `10/2018`. */
function numericDate(tokens: readonly Token[], at: number): Match | undefined {
  if (isMark(tokens[at - 1], ".,/-") && digitsOf(tokens[at - 2], 1, 9) !== undefined) {
    return undefined; // within a longer number, such as a version
  }
  const mark = tokens[at + 1];
  if (isMark(mark, "/") && isMonthNumber(tokens[at]) && isEdge(tokens[at + 3])) {
    const year = digitsOf(tokens[at + 2], 4) !== undefined && isYear(tokens[at + 2]);
    if (year && !isMark(tokens[at + 3], "/")) return whole(at, at + 3); // "10/2018"
  }
  if (mark === undefined || !isMark(mark, "-/.") || tokens[at + 3]?.text !== mark.text)
    return undefined;
  const [first, second, third] = [tokens[at], tokens[at + 2], tokens[at + 4]];
  const end = at + 5;
  if (second?.kind === "word") {
    const named = isMonth(second) && isDay(first) && isYear(third);
    return named && isEdge(tokens[end]) ? whole(at, end) : undefined;
  }
  if (isMark(tokens[end], "./-") && tokens[end + 1]?.kind === "number") return undefined;
  if (digitsOf(first, 4) !== undefined) {
    if (!(isMonthNumber(second) && isDay(third))) return undefined;
    return whole(at, afterTime(tokens, end));
  }
  if (!isEdge(tokens[end])) return undefined;
  const ordered =
    (isMonthNumber(first) && isDay(second)) || (isDay(first) && isMonthNumber(second));
  if (!ordered || !isYear(third)) return undefined;
  // "2.1.10" is a section or a version; "02.01.10" is a date
  const plain = mark.text !== "." || digitsOf(third, 4) !== undefined;
  const padded = digitsOf(first, 2) !== undefined && digitsOf(second, 2) !== undefined;
  return plain || padded ? whole(at, end) : undefined;
}

/** `T10:30:00.000Z` behind an ISO date. */
function afterTime(tokens: readonly Token[], date: number): number {
  if (!/^t$/i.test(tokens[date]?.text ?? "")) return date;
  let end = date + 1;
  for (let i = 0; i < 12; i++) {
    const token = tokens[end];
    if (token?.kind !== "number" && !isMark(token, ":.+-") && token?.text.toUpperCase() !== "Z")
      break;
    end += 1;
  }
  while (isMark(tokens[end - 1], ":.+-")) end -= 1;
  return end;
}

/** `15 March 2024`, `15th of March`. */
function dayAndMonth(tokens: readonly Token[], at: number): Match | undefined {
  if (!isDay(tokens[at])) return undefined;
  const ordinal = afterWord(tokens, at + 1, ORDINALS) ?? at + 1;
  const of = afterWord(tokens, afterBlank(tokens, ordinal), new Set(["of"])) ?? ordinal;
  const month = afterBlank(tokens, of);
  if (month === at + 1 || !isMonth(tokens[month])) return undefined;
  const end = afterMonth(tokens, month);
  const year = yearAfter(tokens, end);
  if (year !== undefined) return whole(at, year);
  return isCapitalised(tokens[month]) ? whole(at, end) : undefined;
}

/** `March 15, 2024`, `Mar. 15th`, `March 2024`; "in March" by its preposition. */
function monthAndDay(tokens: readonly Token[], at: number): Match | undefined {
  if (!isMonth(tokens[at])) return undefined;
  const month = afterMonth(tokens, at);
  const next = afterBlank(tokens, month);
  const capital = isCapitalised(tokens[at]);
  if (isDay(tokens[next]) && next > at + 1) {
    const end = afterWord(tokens, next + 1, ORDINALS) ?? next + 1;
    const year = yearAfter(tokens, end);
    if (year !== undefined) return whole(at, year);
    // "May 5 mg be given", "May 24/30"
    const unit = tokens[afterBlank(tokens, end)];
    const goesOn = isMark(tokens[end], "/%.") && tokens[end + 1]?.kind === "number";
    const counted = goesOn || isMark(tokens[end], "%") || (end === next + 1 && isUnit(unit));
    return capital && isEdge(tokens[end]) && !counted ? whole(at, end) : undefined;
  }
  const year = yearAfter(tokens, month);
  if (year !== undefined && capital) return whole(at, year);
  const before = tokens[at - 1]?.kind === "blank" ? tokens[at - 2] : undefined;
  const cued = before?.kind === "word" && MONTH_CUES.has(before.text.slice(0, 12).toLowerCase());
  return capital && cued && isEdge(tokens[month]) ? whole(at, at + 1) : undefined;
}

const MONTH_CUES = new Set(
  "in since until till by of from late early mid last this next".split(" "),
);
const UNITS = new Set(
  "mg g kg mcg ug ml l mmol iu units points items of times tablets mm cm percent weeks days".split(
    " ",
  ),
);
const isUnit = (token: Token | undefined) =>
  token?.kind === "word" && UNITS.has(token.text.slice(0, 12).toLowerCase());

const DATE_CUES = new Set("on dated dob born birthdate admitted discharged".split(" "));
const SCORE_WORDS = new Set("items points correct pain score scale trials words right".split(" "));

/** `on 3/15`, `DOB 19330412`: two numbers, or eight digits, are a date only where a word says so. */
function cuedDate(tokens: readonly Token[], at: number): Match | undefined {
  const cue = afterWord(tokens, at, DATE_CUES);
  if (cue === undefined) return undefined;
  let from = afterBlank(tokens, cue);
  if (isMark(tokens[from], ":")) from = afterBlank(tokens, from + 1);
  from = afterBlank(tokens, afterWord(tokens, from, new Set(["on", "of"])) ?? from);
  const dense = digitsOf(tokens[from], 8);
  if (dense !== undefined && /^(18|19|20)\d\d(0[1-9]|1[0-2])/.test(dense)) {
    return { from, to: from + 1, end: from + 1, type: "DATE" };
  }
  if (!isMark(tokens[from + 1], "/") || !isEdge(tokens[from + 3])) return undefined;
  if (!isMonthNumber(tokens[from]) || !isDay(tokens[from + 2])) return undefined;
  if (isMark(tokens[from + 3], "/.") && tokens[from + 4]?.kind === "number") return undefined;
  const next = tokens[afterBlank(tokens, from + 3)];
  if (next?.kind === "word" && SCORE_WORDS.has(next.text.slice(0, 12).toLowerCase())) {
    return undefined;
  }
  return { from, to: from + 3, end: from + 3, type: "DATE" };
}

const isMonth = (token: Token | undefined): token is Token =>
  token?.kind === "word" && token.text.length <= 9 && MONTHS.has(token.text.toLowerCase());
const isMonthNumber = (token: Token | undefined) => isWithin(digitsOf(token, 1, 2), 12);
const isDay = (token: Token | undefined) => isWithin(digitsOf(token, 1, 2), 31);
const isWithin = (digits: string | undefined, most: number) =>
  digits !== undefined && Number(digits) >= 1 && Number(digits) <= most;
const isYear = (token: Token | undefined) =>
  digitsOf(token, 2) !== undefined || /^(18|19|20)\d\d$/.test(digitsOf(token, 4) ?? "");

/** Past the dot of "Mar." */
const afterMonth = (tokens: readonly Token[], at: number) =>
  isMark(tokens[at + 1], ".") ? at + 2 : at + 1;

/** The place after `, 2024` or ` 2024`. */
function yearAfter(tokens: readonly Token[], at: number): number | undefined {
  const gap = afterBlank(tokens, isMark(tokens[at], ",") ? at + 1 : at);
  const year = digitsOf(tokens[gap], 4);
  if (gap === at || year === undefined || !isYear(tokens[gap])) return undefined;
  return isEdge(tokens[gap + 1]) ? gap + 1 : undefined;
}

const OLDEST_KEPT = 89;
const AGE_CUES = new Set(["aged", "age", "turned"]);
const AGE_WORDS = new Set(["old", "age"]);
const YEAR_WORDS = new Set("year years yr yrs y".split(" "));

/** `92-year-old`, `aged 93`, `101 years of age`, `95th birthday`: the number alone is replaced. */
export const age: Rule = (tokens, at) => {
  if (isAge(tokens[at]) && isEdge(tokens[at - 1]) && !isMark(tokens[at - 1], "./,")) {
    return isOld(tokens, at + 1) ? { from: at, to: at + 1, end: at + 1, type: "AGE" } : undefined;
  }
  const cue = isEdge(tokens[at - 1]) ? afterWord(tokens, at, AGE_CUES) : undefined;
  if (cue === undefined) return undefined;
  let from = afterBlank(tokens, isMark(tokens[cue], ":=") ? cue + 1 : cue);
  from = afterBlank(tokens, afterWord(tokens, from, new Set(["is", "was", "of"])) ?? from);
  if (!isAge(tokens[from]) || !isEdge(tokens[from + 1])) return undefined;
  if (isMark(tokens[from + 1], "./%") && tokens[from + 2]?.kind === "number") return undefined;
  return { from, to: from + 1, end: from + 1, type: "AGE" };
};

function isAge(token: Token | undefined): token is Token {
  const digits = digitsOf(token, 2, 3);
  return digits !== undefined && Number(digits) > OLDEST_KEPT && Number(digits) <= 130;
}

/** Behind the number: "-year-old", " years of age", " yo", " y/o", "th birthday". */
function isOld(tokens: readonly Token[], at: number): boolean {
  const gap = isMark(tokens[at], "-") ? at + 1 : afterBlank(tokens, at);
  const short = afterWord(tokens, gap, new Set(["yo", "yos"]));
  if (short !== undefined) return true;
  const birthday = afterWord(tokens, at, ORDINALS);
  if (birthday !== undefined) {
    return afterWord(tokens, afterBlank(tokens, birthday), new Set(["birthday"])) !== undefined;
  }
  const years = afterWord(tokens, gap, YEAR_WORDS);
  if (years === undefined) return false;
  const slash = isMark(tokens[years], "/-.") ? years + 1 : afterBlank(tokens, years);
  if (/^o$/i.test(tokens[slash]?.text ?? "")) return true;
  const of = afterWord(tokens, slash, new Set(["of"])) ?? slash;
  return afterWord(tokens, afterBlank(tokens, of), AGE_WORDS) !== undefined;
}

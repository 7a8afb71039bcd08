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

// Postal addresses: a house number and a street, what follows it (flat, town, state, code), post boxes,
// postal codes of the US and the UK, and the town after "lives in".

const STREETS = new Set(
  (
    "street st avenue ave road rd lane ln drive dr boulevard blvd court ct way place pl terrace " +
    "square sq highway hwy parkway pkwy close crescent circle trail row mews gardens alley"
  ).split(" "),
);
const STREET_ENDING = /(straße|strasse|str|gasse|allee|platz|weg)$/;
const UNITS = new Set("apt apartment unit suite ste flat room floor fl".split(" "));
const STATES = new Set(
  (
    "AL AK AZ AR CA CO CT DE FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ " +
    "NM NY NC ND OH OK OR PA RI SC SD TN TX UT VT VA WA WV WI WY DC"
  ).split(" "),
);

const whole = (from: number, to: number): Match => ({ from, to, end: to, type: "ADDRESS" });

export const address: Rule = (tokens, at) => {
  if (!isEdge(tokens[at - 1])) return undefined;
  return (
    street(tokens, at) ?? germanStreet(tokens, at) ?? postBox(tokens, at) ?? postalCode(tokens, at)
  );
};

/** `12b Old Mill Road, Apt 4, Springfield, IL 62704` */
function street(tokens: readonly Token[], at: number): Match | undefined {
  if (digitsOf(tokens[at], 1, 6) === undefined || isMark(tokens[at - 1], "/.")) return undefined;
  const letter = tokens[at + 1]?.kind === "word" && tokens[at + 1]!.text.length === 1;
  let place = letter ? at + 2 : at + 1;
  if (tokens[place]?.kind !== "blank") return undefined;
  // one to five words with a capital or an ordinal ("5th"), the last of them a street's
  for (let words = 0; words < 6; words++) {
    place = afterBlank(tokens, place);
    const ordinal = digitsOf(tokens[place], 1, 3) !== undefined && words === 0;
    const word = ordinal ? place + 1 : place;
    if (words > 0 && isStreet(tokens[word])) {
      const end =
        isMark(tokens[word + 1], ".") && !isSentenceEnd(tokens, word + 1) ? word + 2 : word + 1;
      return isEdge(tokens[end]) ? whole(at, afterStreet(tokens, end)) : undefined;
    }
    if (ordinal ? tokens[word]?.kind !== "word" : !isCapitalised(tokens[word])) return undefined;
    place = isMark(tokens[word + 1], ".'’") ? word + 2 : word + 1;
    if (isMark(tokens[word + 1], "'’") && tokens[place]?.kind === "word") place += 1;
  }
  return undefined;
}

const isStreet = (token: Token | undefined) =>
  isCapitalised(token) && token.text.length <= 10 && STREETS.has(token.text.toLowerCase());

const isSentenceEnd = (tokens: readonly Token[], dot: number) =>
  tokens[dot + 1] === undefined ||
  tokens[dot + 1]!.kind === "line" ||
  (tokens[dot + 1]!.kind === "blank" && isCapitalised(tokens[dot + 2]));

/** `Musterstraße 12, 10115 Berlin` */
function germanStreet(tokens: readonly Token[], at: number): Match | undefined {
  const name = tokens[at];
  if (!isCapitalised(name) || name.text.length > 40 || !STREET_ENDING.test(name.text)) {
    return undefined;
  }
  const dot = isMark(tokens[at + 1], ".") ? at + 2 : at + 1;
  const number = afterBlank(tokens, dot);
  if (digitsOf(tokens[number], 1, 4) === undefined || number === at + 1) return undefined;
  const end = /^[a-z]$/.test(tokens[number + 1]?.text ?? "") ? number + 2 : number + 1;
  const code = afterComma(tokens, end);
  if (digitsOf(tokens[code], 4, 5) === undefined) return whole(at, end);
  const town = afterBlank(tokens, code + 1);
  return whole(at, isCapitalised(tokens[town]) ? town + 1 : code + 1);
}

/** What follows a street: flat, town, state and code, each behind a comma or a blank. */
function afterStreet(tokens: readonly Token[], street: number): number {
  let end = street;
  const unit = afterWord(tokens, afterComma(tokens, end), UNITS) ?? hash(tokens, end);
  if (unit !== undefined) {
    const number = afterBlank(tokens, unit);
    if (/^[\p{Nd}\p{L}]{1,5}$/u.test(tokens[number]?.text ?? "")) {
      const letter = isEdge(tokens[number + 1]) ? number + 1 : number + 2;
      end = letter;
    }
  }
  const town = isMark(tokens[end], ",") ? endOfTown(tokens, afterComma(tokens, end)) : undefined;
  if (town !== undefined) end = town;
  const code =
    stateAndCode(tokens, afterComma(tokens, end)) ?? britishCode(tokens, afterComma(tokens, end));
  return code ?? end;
}

const afterComma = (tokens: readonly Token[], at: number) =>
  afterBlank(tokens, isMark(tokens[at], ",") ? at + 1 : at);
const hash = (tokens: readonly Token[], at: number) =>
  isMark(tokens[afterComma(tokens, at)], "#") ? afterComma(tokens, at) + 1 : undefined;

/** One to three words with a capital that are no state's letters. */
function endOfTown(tokens: readonly Token[], at: number): number | undefined {
  let end: number | undefined;
  let place = at;
  for (let words = 0; words < 3; words++) {
    const token = tokens[place];
    if (!isCapitalised(token) || STATES.has(token.text) || britishCode(tokens, place)) break;
    end = place + 1;
    if (tokens[end]?.kind !== "blank" && !isMark(tokens[end], "-'")) break;
    place = end + 1;
  }
  return end;
}

/** `IL 62704-1234` */
function stateAndCode(tokens: readonly Token[], at: number): number | undefined {
  const state = tokens[at];
  if (state?.kind !== "word" || !STATES.has(state.text)) return undefined;
  const code = afterBlank(tokens, at + 1);
  if (digitsOf(tokens[code], 5) === undefined || !isEdge(tokens[code + 1])) return undefined;
  const long = isMark(tokens[code + 1], "-") && digitsOf(tokens[code + 2], 4) !== undefined;
  return long ? code + 3 : code + 1;
}

/** `SW1A 1AA` */
function britishCode(tokens: readonly Token[], at: number): number | undefined {
  if (!/^[A-Z]{1,2}$/.test(tokens[at]?.text ?? "")) return undefined;
  if (digitsOf(tokens[at + 1], 1, 2) === undefined) return undefined;
  const letter = /^[A-Z]$/.test(tokens[at + 2]?.text ?? "") ? at + 3 : at + 2;
  if (tokens[letter]?.text !== " " || digitsOf(tokens[letter + 1], 1) === undefined)
    return undefined;
  if (!/^[A-Z]{2}$/.test(tokens[letter + 2]?.text ?? "") || !isEdge(tokens[letter + 3]))
    return undefined;
  return letter + 3;
}

/** `Springfield, IL 62704` without a street, `SW1A 1AA`, `ZIP 62704`. */
function postalCode(tokens: readonly Token[], at: number): Match | undefined {
  const british = britishCode(tokens, at);
  if (british !== undefined) return whole(at, british);
  const american = stateAndCode(tokens, at);
  if (american !== undefined) return whole(at, american);
  const zip = afterWord(tokens, at, new Set(["zip", "zipcode", "postcode", "plz"]));
  if (zip !== undefined) {
    const named = afterWord(tokens, afterBlank(tokens, zip), new Set(["code"])) ?? zip;
    const code = afterBlank(tokens, isMark(tokens[named], ":") ? named + 1 : named);
    if (digitsOf(tokens[code], 4, 5) === undefined) return undefined;
    return { ...whole(at, code + 1), from: code };
  }
  const town = endOfTown(tokens, at);
  if (town === undefined || !isMark(tokens[town], ",")) return undefined;
  const code = stateAndCode(tokens, afterComma(tokens, town));
  return code === undefined ? undefined : whole(at, code);
}

/** `P.O. Box 123` */
function postBox(tokens: readonly Token[], at: number): Match | undefined {
  const dotted = afterWord(tokens, at, new Set(["p"]));
  const po = dotted === undefined ? undefined : afterWord(tokens, dotted, new Set(["o"]));
  const word = po ?? afterWord(tokens, at, new Set(["po", "postal"]));
  if (word === undefined) return undefined;
  const box = afterWord(tokens, afterBlank(tokens, word), new Set(["box"]));
  if (box === undefined) return undefined;
  const number = afterBlank(tokens, box);
  return digitsOf(tokens[number], 1, 6) === undefined ? undefined : whole(at, number + 1);
}

const LIVING = new Set(
  "lives living lived live resides residing resident moved relocated native born".split(" "),
);
const PLACES = new Set(["in", "to", "from", "of", "at"]);
const NO_TOWN = new Set(
  "the a an assisted nursing independent care residential memory january february march".split(" "),
);

/** The town in "lives in Springfield"; the cue is kept. */
export const town: Rule = (tokens, at) => {
  const cue = isEdge(tokens[at - 1]) ? afterWord(tokens, at, LIVING) : undefined;
  if (cue === undefined) return undefined;
  const place = afterWord(tokens, afterBlank(tokens, cue), PLACES);
  if (place === undefined) return undefined;
  const from = afterBlank(tokens, place);
  const first = tokens[from];
  if (first?.kind !== "word" || NO_TOWN.has(first.text.slice(0, 16).toLowerCase()))
    return undefined;
  const end = endOfTown(tokens, from);
  if (end === undefined) return undefined;
  const state = afterComma(tokens, end);
  const named = tokens[state]?.kind === "word" && STATES.has(tokens[state]!.text);
  const to = stateAndCode(tokens, state) ?? (named ? state + 1 : end);
  return { from, to, end: to, type: "ADDRESS" };
};

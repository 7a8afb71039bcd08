import { isIP } from "node:net";
import { date } from "./date-rules.ts";
import type { Match, Rule } from "./redact.ts";
import { skipToValue } from "./skip-to-value.ts";
import {
  afterBlank,
  afterWord,
  digitsOf,
  isEdge,
  isMark,
  type PlaceholderType,
  type Token,
} from "./text-tokens.ts";

// E-mail and IP addresses, URLs, telephone and social security numbers.

/** Most tokens of one address: what is longer is no address that anybody uses. */
const MAX_ADDRESS_TOKENS = 64;

const whole = (from: number, to: number, type: PlaceholderType): Match => ({
  ...{ from, to, end: to },
  type,
});

/** `ann.ames+clinic@mail.example.org` */
export const email: Rule = (tokens, at) => {
  if (!isEdge(tokens[at - 1]) || !isLocalPart(tokens[at])) return undefined;
  const host = endOfRun(tokens, at, isLocalPart);
  if (!isMark(tokens[host], "@")) return undefined;
  let end = endOfRun(tokens, host + 1, isHostPart);
  while (end > host + 1 && isMark(tokens[end - 1], ".-")) end -= 1;
  return end > host + 1 ? whole(at, end, "EMAIL") : undefined;
};

const isLocalPart = (token: Token | undefined) =>
  token?.kind === "word" || token?.kind === "number" || isMark(token, "._%+-");
const isHostPart = (token: Token | undefined) =>
  token?.kind === "word" || token?.kind === "number" || isMark(token, ".-");

function endOfRun(
  tokens: readonly Token[],
  at: number,
  belongs: (token: Token | undefined) => boolean,
  most = MAX_ADDRESS_TOKENS,
): number {
  let end = at;
  while (end - at < most && end < tokens.length && belongs(tokens[end])) end += 1;
  return end;
}

const SCHEMES = new Set(["http", "https", "ftp", "sftp", "ws", "wss"]);
const TOP_DOMAINS = new Set("com org net edu gov info io eu uk de fr us ca au health".split(" "));

/** `https://…` and `www.…` up to the next gap, and a bare host under a common top domain. */
export const url: Rule = (tokens, at) => {
  const token = tokens[at];
  if (token?.kind !== "word" || !isEdge(tokens[at - 1])) return undefined;
  const scheme = SCHEMES.has(lower(token)) && isMark(tokens[at + 1], ":");
  if (scheme && isMark(tokens[at + 2], "/") && isMark(tokens[at + 3], "/")) {
    return whole(at, endOfUrl(tokens, at + 4), "URL");
  }
  const host = endOfRun(tokens, at, isHostPart, 16);
  const named = lower(token) === "www" && isMark(tokens[at + 1], ".") && host > at + 2;
  if (named) return whole(at, endOfUrl(tokens, at + 2), "URL");
  for (let last = host - 1; last > at + 1; last--) {
    const found = tokens[last]!;
    if (found.kind === "word" && TOP_DOMAINS.has(found.text) && isMark(tokens[last - 1], ".")) {
      const path = isMark(tokens[last + 1], "/:");
      return whole(at, path ? endOfUrl(tokens, last + 1) : last + 1, "URL");
    }
  }
  return undefined;
};

/** Up to a gap or a bracket; the full stop or comma of the sentence does not belong to it. */
function endOfUrl(tokens: readonly Token[], at: number): number {
  const inside = (token: Token | undefined) =>
    token !== undefined &&
    !["blank", "line", "placeholder"].includes(token.kind) &&
    !isMark(token, "<>\"'()[]{}");
  let end = endOfRun(tokens, at, inside, Number.POSITIVE_INFINITY);
  while (end > at && isMark(tokens[end - 1], ".,;:!?")) end -= 1;
  return end;
}

const lower = (token: Token) => (token.text.length > 8 ? "" : token.text.toLowerCase());

/** `192.0.2.17`, `2001:db8::17` */
export const ipAddress: Rule = (tokens, at) => {
  if (!isEdge(tokens[at - 1]) || isMark(tokens[at - 1], ".:")) return undefined;
  const part = (token: Token | undefined) =>
    token?.kind === "number" ||
    (token?.kind === "word" && /^[0-9a-f]{1,4}$/i.test(token.text)) ||
    isMark(token, ".:");
  if (!part(tokens[at])) return undefined;
  let end = endOfRun(tokens, at, part, 40);
  if (!isEdge(tokens[end])) return undefined;
  const text = () => {
    let joined = "";
    for (let i = at; i < end && joined.length <= 45; i++) joined += tokens[i]!.text;
    return joined;
  };
  while (end > at && (isMark(tokens[end - 1], ".") || isMark(tokens[end - 1], ":"))) {
    if (isIP(text()) !== 0) break; // "2001:db8::" ends with its colons
    end -= 1;
  }
  return end - at >= 3 && isIP(text()) !== 0 ? whole(at, end, "IP") : undefined;
};

const SSN_CUES = new Set(["ssn", "ss"]);

/** `078-05-1120` anywhere; nine digits in any grouping after "SSN" or "social security number". */
export const socialSecurity: Rule = (tokens, at) => {
  const grouped =
    isEdge(tokens[at - 1]) &&
    !isMark(tokens[at - 1], "-") &&
    digitsOf(tokens[at], 3) !== undefined &&
    isMark(tokens[at + 1], "-") &&
    digitsOf(tokens[at + 2], 2) !== undefined &&
    isMark(tokens[at + 3], "-") &&
    digitsOf(tokens[at + 4], 4) !== undefined &&
    isEdge(tokens[at + 5]) &&
    !isMark(tokens[at + 5], "-");
  if (grouped) return whole(at, at + 5, "SSN");
  const cue = afterWord(tokens, at, SSN_CUES) ?? afterSocialSecurity(tokens, at);
  if (cue === undefined) return undefined;
  const from = skipToValue(tokens, cue);
  const { end, digits } = digitGroups(tokens, from, " -");
  return digits === 9 ? { from, to: end, end, type: "SSN" } : undefined;
};

function afterSocialSecurity(tokens: readonly Token[], at: number): number | undefined {
  const social = afterWord(tokens, at, new Set(["social"]));
  if (social === undefined) return undefined;
  return afterWord(tokens, afterBlank(tokens, social), new Set(["security"]));
}

const PHONE_CUES = new Set(
  "phone telephone tel landline dial mobile cell cellphone fax pager call called ph contact".split(
    " ",
  ),
);

/** International with `+`; 3-3-4 digits; six and more digits after "tel", "call", "fax" and the like. */
export const phone: Rule = (tokens, at) => {
  if (isMark(tokens[at], "+") && isEdge(tokens[at - 1])) {
    const { end, digits } = digitGroups(tokens, at + 1, " -./()");
    return digits >= 8 && digits <= 15 ? whole(at, extension(tokens, end), "PHONE") : undefined;
  }
  const american = northAmerican(tokens, at);
  if (american !== undefined) return whole(at, extension(tokens, american), "PHONE");
  const cue = isEdge(tokens[at - 1]) ? afterWord(tokens, at, PHONE_CUES) : undefined;
  if (cue === undefined) return undefined;
  const from = skipToValue(tokens, cue);
  const { end, digits } = digitGroups(tokens, from, " -./()");
  if (digits < 6 || digits > 15 || !isEdge(tokens[end])) return undefined;
  if (date(tokens, from) !== undefined) return undefined; // "called on 2024-03-15"
  const to = extension(tokens, end);
  return { from, to, end: to, type: "PHONE" };
};

function northAmerican(tokens: readonly Token[], start: number): number | undefined {
  if (!isEdge(tokens[start - 1]) || isMark(tokens[start - 1], "-./")) return undefined;
  let at = start;
  if (tokens[at]?.text === "1" && isMark(tokens[at + 1], "-.")) at += 2;
  const open = isMark(tokens[at], "(");
  if (open) at += 1;
  if (!/^[2-9]/.test(digitsOf(tokens[at], 3) ?? "")) return undefined;
  at += 1;
  if (open) {
    if (!isMark(tokens[at], ")")) return undefined;
    at = afterBlank(tokens, at + 1);
  } else if (isGap(tokens[at])) at += 1;
  else return undefined;
  if (digitsOf(tokens[at], 3) === undefined || !isGap(tokens[at + 1])) return undefined;
  if (digitsOf(tokens[at + 2], 4) === undefined || !isEdge(tokens[at + 3])) return undefined;
  return at + 3;
}

const isGap = (token: Token | undefined) => token?.text === " " || isMark(token, "-.");

/** `ext. 12`, `x12` after a number. */
function extension(tokens: readonly Token[], end: number): number {
  const at = afterBlank(tokens, isMark(tokens[end], ",") ? end + 1 : end);
  const word = afterWord(tokens, at, new Set(["ext", "extension", "x"]));
  if (word === undefined) return end;
  const number = afterBlank(tokens, word);
  return digitsOf(tokens[number], 1, 6) === undefined ? end : number + 1;
}

/** The groups of digits that stand together, at most eight, and how many digits they have. */
function digitGroups(
  tokens: readonly Token[],
  at: number,
  separators: string,
): Readonly<{ end: number; digits: number }> {
  let end = at;
  let digits = 0;
  for (let i = at, groups = 0; groups < 8; groups++) {
    for (let gap = 0; gap < 3 && (groups > 0 || isMark(tokens[i], "(")); gap++) {
      const token = tokens[i];
      if (token === undefined || token.text.length !== 1 || !separators.includes(token.text)) break;
      i += 1;
    }
    const token = tokens[i];
    if (token?.kind !== "number" || token.text.length > 15) break;
    digits += token.text.length;
    i += 1;
    end = i;
  }
  return { end, digits };
}

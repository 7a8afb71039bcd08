import { type PlaceholderType, type Token, tokenise } from "./text-tokens.ts";

/** A text with what was found in it replaced, and how often each type was. */
export type Redaction = Readonly<{
  text: string;
  counts: Readonly<Partial<Record<PlaceholderType, number>>>;
}>;

/** What happens to a text before it is stored. A hook of one's own may call a service. */
export type RedactionHook = (text: string) => Redaction | Promise<Redaction>;

/**
 * A rule says what begins at a token: `from` to `to` is replaced, and reading goes on at `end`. What
 * lies between the token and `from` (a title, "MRN:") is kept.
 */
export type Match = Readonly<{ from: number; to: number; end: number; type: PlaceholderType }>;
export type Rule = (tokens: readonly Token[], at: number) => Match | undefined;

/**
 * Replaces what the rules find, left to right; at each token the first rule that matches decides. What
 * is found may uncover what stood before it ("Ann" before a post box), so the text is read again until
 * nothing more is found, at most MAX_PASSES times.
 */
export function redact(text: string, rules: readonly Rule[]): Redaction {
  const counts: Partial<Record<PlaceholderType, number>> = {};
  let read = text;
  for (let pass = 0; pass < MAX_PASSES; pass++) {
    const next = redactOnce(read, rules, counts);
    if (next === read) break;
    read = next;
  }
  return { text: read, counts };
}

const MAX_PASSES = 6;

function redactOnce(
  text: string,
  rules: readonly Rule[],
  counts: Partial<Record<PlaceholderType, number>>,
): string {
  const tokens = tokenise(text);
  const parts: string[] = [];
  for (let at = 0; at < tokens.length; ) {
    const match = firstMatch(rules, tokens, at);
    if (match === undefined) {
      parts.push(tokens[at]!.text);
      at += 1;
      continue;
    }
    for (let i = at; i < match.from; i++) parts.push(tokens[i]!.text);
    const placeholder = { kind: "placeholder", text: `[${match.type}]` } as const;
    parts.push(placeholder.text);
    tokens.fill(placeholder, match.from, match.to); // what rules see when they look back
    for (let i = match.to; i < match.end; i++) parts.push(tokens[i]!.text);
    counts[match.type] = (counts[match.type] ?? 0) + 1;
    at = match.end;
  }
  return parts.join("");
}

function firstMatch(rules: readonly Rule[], tokens: readonly Token[], at: number) {
  const { kind } = tokens[at]!;
  if (kind === "blank" || kind === "line" || kind === "placeholder") return undefined;
  for (const rule of rules) {
    const match = rule(tokens, at);
    if (match !== undefined) return match;
  }
  return undefined;
}

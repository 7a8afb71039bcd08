import type { Int64 } from "./fields.ts";
import { invalidArgument } from "./tracking-error.ts";

/**
 * MLflow's language of filters has no escapes: a text ends at the next quote of its own kind that is
 * not doubled and not behind a backslash. So a text that holds both kinds of quotes, or ends with a
 * backslash, cannot be written down, and is refused before it could mean something else.
 */
export function quoteText(text: string, subject: string): string {
  const quote = ["'", '"'].find((each) => !text.includes(each));
  if (quote === undefined || text.endsWith("\\") || text.includes("\0")) {
    throw unquotable(subject, "a text without both kinds of quotes, \\ at the end, or NUL", text);
  }
  return `${quote}${text}${quote}`;
}

/** The texts of a list are read with Python's escapes, so a backslash in one would be lost. */
export function quoteList(texts: readonly string[], subject: string): string {
  if (texts.length === 0)
    throw invalidArgument(`${subject}: expected at least one value, got none`);
  const wrong = texts.find((text) => text.includes("\\"));
  if (wrong !== undefined) throw unquotable(subject, "texts without \\ in a list", wrong);
  return `(${texts.map((text) => quoteText(text, subject)).join(", ")})`;
}

/** The key of a metric, param or tag. */
export function quoteKey(key: string, subject: string): string {
  if (key === "" || /[`\0]/.test(key) || key.endsWith("\\")) {
    throw unquotable(subject, "a key without `, \\ at the end, or NUL", key);
  }
  return `\`${key}\``;
}

/** A number in digits; the language has no NaN and no infinities, and no `+` in exponents. */
export function quoteNumber(value: Int64, subject: string): string {
  if (typeof value === "number" && !Number.isFinite(value)) {
    throw invalidArgument(`${subject}: expected a finite number, got ${value}`);
  }
  return String(value).replace("e+", "e");
}

/** A time in milliseconds since 1970. */
export function quoteTime(value: Date | Int64, subject: string): string {
  return quoteNumber(value instanceof Date ? value.getTime() : value, subject);
}

function unquotable(subject: string, expected: string, got: string) {
  return invalidArgument(`${subject}: expected ${expected}, got ${JSON.stringify(got)}`);
}

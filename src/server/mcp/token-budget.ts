import { z } from "zod";

/**
 * What a tool returns has to fit the window of the model that reads it, and a host cuts or drops what is
 * too long. So every reply has a budget of tokens, and what does not fit is had by the cursor.
 *
 * Tokens are counted as bytes of JSON by three: ids, numbers and punctuation take more tokens than prose,
 * of which four bytes make one. So the count errs on the side of the smaller reply.
 */
const BYTES_PER_TOKEN = 3;

export const MAX_TOKENS = 20_000;
const DEFAULT_TOKENS = 6_000;

const budgetFrom = (least: number) => z.int().min(least).max(MAX_TOKENS).default(DEFAULT_TOKENS);

/** How much a caller wants to read at once. */
export const maxTokens = budgetFrom(500).describe(
  "the reply stays below about so many tokens; what is left comes with the cursor",
);

/** The same of a tool that may leave everything out, for it has no cursor. */
export const mostTokens = budgetFrom(100).describe(
  "the reply stays below about so many tokens: long texts are cut, and what does not fit is left out",
);

export const cursor = z.string().min(1).optional().describe("next_cursor of the reply before");
export const nextCursor = z
  .string()
  .nullable()
  .describe("for the rest, with the same arguments; null: there is no more");

export function tokensOf(value: unknown): number {
  return Math.ceil(Buffer.byteLength(JSON.stringify(value) ?? "") / BYTES_PER_TOKEN);
}

/** How many of the items fit a budget: at least one, so that a reader gets on. */
export function countWithin(items: readonly unknown[], budget: number): number {
  let used = 0;
  const tooMany = items.findIndex((item) => {
    used += tokensOf(item);
    return used > budget;
  });
  return tooMany === -1 ? items.length : Math.max(tooMany, 1);
}

/** The first characters of a text that fit a budget, none of them cut in two. */
export function cutText(text: string, budget: number): string {
  const room = new Uint8Array(Math.floor(budget * BYTES_PER_TOKEN));
  return text.slice(0, new TextEncoder().encodeInto(text, room).read);
}

/** The longest text of one value that a reply shows whole. */
const MAX_CHARACTERS = 1_000;

export function shorten(text: string): string {
  const characters = [...text.slice(0, 2 * MAX_CHARACTERS + 2)];
  if (text.length <= MAX_CHARACTERS || characters.length <= MAX_CHARACTERS) return text;
  return `${characters.slice(0, MAX_CHARACTERS).join("")}… (${text.length} characters)`;
}

import { z } from "zod";
import { codeName, loneSurrogate } from "../core/lone-surrogate.ts";
import { show } from "../core/parse.ts";

/** Line ends and tabs belong to texts, other control characters do not; to names none does. */
const CONTROL_OF_TEXT = /[^\P{Cc}\t\n\r]/u;
const CONTROL = /\p{Cc}/u;

/** Whether a text can be stored and shown as it is. */
export function isClean(text: string): boolean {
  return text.isWellFormed() && !CONTROL_OF_TEXT.test(text);
}

/** What keeps a text from being the content of a memory; undefined when nothing does. */
export function textFault(text: string): string | undefined {
  if (text.trim() === "") return "expected a text, got an empty one";
  const lone = loneSurrogate(text);
  if (lone !== undefined) return `expected whole Unicode characters, got ${lone}`;
  const at = text.search(CONTROL_OF_TEXT);
  if (at < 0) return undefined;
  return `expected a text without control characters, got ${codeName(text, at)} at character ${at + 1}`;
}

/** What a text that is not clean has that it should not, and where. */
export function uncleanPart(text: string): string | undefined {
  const lone = loneSurrogate(text);
  if (lone !== undefined) return lone;
  const at = text.search(CONTROL_OF_TEXT);
  if (at < 0) return undefined;
  return `${codeName(text, at)}, a control character, at character ${at + 1}`;
}

/** A short text, such as a name: one that is not empty. */
export function shortText(most: number) {
  return z
    .string()
    .min(1)
    .max(most)
    .refine((text) => text.isWellFormed() && !CONTROL.test(text), {
      error: expected("a text without control characters and lone surrogates"),
    });
}

/** The message of a check of one's own, in the words of every other. */
export function expected(what: string) {
  return ({ input }: Readonly<{ input?: unknown }>) => `expected ${what}, got ${show(input)}`;
}

import { z } from "zod";

/** Line ends and tabs belong to texts, other control characters do not; to names none does. */
const CONTROL_OF_TEXT = /[^\P{Cc}\t\n\r]/u;
const CONTROL = /\p{Cc}/u;

/** Whether a text can be stored and shown as it is. */
export function isClean(text: string): boolean {
  return text.isWellFormed() && !CONTROL_OF_TEXT.test(text);
}

/** A short text, such as a name: one that is not empty. */
export function shortText(most: number) {
  return z
    .string()
    .min(1)
    .max(most)
    .refine(
      (text) => text.isWellFormed() && !CONTROL.test(text),
      "expected a text without control characters and lone surrogates",
    );
}

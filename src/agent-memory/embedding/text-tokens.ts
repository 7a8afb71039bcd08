import { Tokenizer } from "@huggingface/tokenizers";
import { DuetMindError } from "../../core/errors.ts";

/** The numbers of a text's tokens, with the marks that the model wants at its start and end. */
export type TextTokens = Readonly<{
  encode(text: string): number[];
  /** How many marks come with every text. */
  marks: number;
}>;

/**
 * Reads a tokenizer.json. Its `truncation` and `padding` are switched off: as shipped they cut every
 * text at 128 tokens and fill every shorter one up to 128, without a word.
 */
export function createTextTokens(bytes: Uint8Array, file: string): TextTokens {
  try {
    const json = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes)) as object;
    const tokenizer = new Tokenizer({ ...json, truncation: null, padding: null }, {});
    const encode = (text: string) => tokenizer.encode(text.toWellFormed()).ids;
    return { encode, marks: encode("").length };
  } catch (error) {
    throw new DuetMindError(
      "FILE_UNREADABLE",
      `${file}: expected a tokenizer as JSON, got: ${(error as Error).message}`,
      { file, cause: error },
    );
  }
}

import { Tokenizer } from "@huggingface/tokenizers";
import { DuetMindError } from "../../core/errors.ts";
import { show } from "../../core/parse.ts";

/** The numbers of a text's tokens, with the marks that the model wants at its start and end. */
export type TextTokens = Readonly<{
  encode(text: string): number[];
  /** How many marks come with every text. */
  marks: number;
}>;

type Encoding = Readonly<{ ids: number[]; tokens: readonly string[] }>;

/**
 * Reads a tokenizer.json. Its `truncation` and `padding` are switched off: as shipped they cut every
 * text at 128 tokens and fill every shorter one up to 128, without a word.
 */
export function createTextTokens(bytes: Uint8Array, file: string): TextTokens {
  const tokenizer = readTokenizer(bytes, file);
  function encode(text: string): number[] {
    const { ids, tokens }: Encoding = tokenizer.encode(text.toWellFormed());
    const missing = ids.findIndex((id) => !Number.isInteger(id));
    if (missing === -1) return ids;
    throw new DuetMindError(
      "FILE_UNREADABLE",
      `${file}: expected a number for every token of a text, got none for ${show(tokens[missing])}`,
      { file },
    );
  }
  return { encode, marks: encode("").length };
}

function readTokenizer(bytes: Uint8Array, file: string): Tokenizer {
  try {
    const json = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes)) as object;
    return new Tokenizer({ ...json, truncation: null, padding: null }, {});
  } catch (error) {
    throw new DuetMindError(
      "FILE_UNREADABLE",
      `${file}: expected a tokenizer as JSON, got: ${(error as Error).message}`,
      { file, cause: error },
    );
  }
}

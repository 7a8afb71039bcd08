import type { Effects } from "../core/effects.ts";
import { DuetMindError } from "../core/errors.ts";
import type { Contract } from "./contract.ts";
import { parseContractText } from "./contract-text.ts";

/** Reads a contract file. `shownAs` names it in messages, the path itself unless told. */
export async function readContract(
  path: string,
  effects: Effects,
  shownAs: string = path,
): Promise<Contract> {
  const bytes = await effects.files.readBytes(path);
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new DuetMindError(
      "CONTRACT_INVALID",
      `${shownAs}: expected UTF-8 text, got other bytes`,
      {
        file: shownAs,
        cause,
      },
    );
  }
  return parseContractText(text, shownAs);
}

import { afterBlank, afterWord, isMark, type Token } from "./text-tokens.ts";

const BETWEEN = new Set(
  "number numbers no nr id is was at on her his him us me home work".split(" "),
);

/** From a cue to its value: past at most four of `:`, `#`, `=`, "number", "is", "at". */
export function skipToValue(tokens: readonly Token[], cue: number): number {
  let at = afterBlank(tokens, cue);
  for (let i = 0; i < 4; i++) {
    const next = isMark(tokens[at], ":#=") ? at + 1 : afterWord(tokens, at, BETWEEN);
    if (next === undefined) break;
    at = afterBlank(tokens, next);
  }
  return at;
}

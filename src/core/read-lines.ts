import { DuetMindError } from "./errors.ts";

/** A line is held as a whole: a file without line breaks is no file of lines. */
const MAX_LINE = 16 * 2 ** 20;

/** The lines of UTF-8 text that comes in pieces; a byte order mark and `\r` before `\n` are dropped. */
export async function* readLines(
  chunks: AsyncIterable<Uint8Array>,
  subject: string,
): AsyncGenerator<string> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let [rest, line] = ["", 1];
  const decode = (chunk?: Uint8Array) => {
    try {
      return chunk === undefined ? decoder.decode() : decoder.decode(chunk, { stream: true });
    } catch (error) {
      throw new DuetMindError(
        "BAD_INPUT",
        `${subject}: expected UTF-8, got other bytes at line ${line} or shortly after`,
        { file: subject, line, cause: error },
      );
    }
  };
  for await (const chunk of chunks) {
    rest += decode(chunk);
    const lines = rest.split("\n");
    rest = lines.pop()!;
    for (const each of lines) {
      yield each.replace(/\r$/, "");
      line += 1;
    }
    if (rest.length > MAX_LINE) {
      throw new DuetMindError(
        "BAD_INPUT",
        `${subject}: line ${line}: expected at most ${MAX_LINE} characters, got more`,
        { file: subject, line },
      );
    }
  }
  rest += decode();
  if (rest !== "") yield rest;
}

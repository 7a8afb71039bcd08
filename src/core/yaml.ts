import { LineCounter, parseDocument } from "yaml";
import { DuetMindError, type ErrorCode } from "./errors.ts";

/** YAML 1.2 (so JSON too) from outside; a syntax error names the file, line and column. */
export function parseYaml(text: string, file: string, code: ErrorCode = "BAD_INPUT"): unknown {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter, merge: true });
  const problem = document.errors[0];
  if (problem !== undefined) {
    const { line, col } = lineCounter.linePos(problem.pos[0]);
    const what = problem.message.split("\n")[0]!.replace(/ at line \d+, column \d+:?$/, "");
    throw new DuetMindError(code, `${file}:${line}:${col}: expected valid YAML, got ${what}`, {
      file,
      line,
      column: col,
      cause: problem,
    });
  }
  return document.toJS({ maxAliasCount: 100 });
}

import type { LineCounter, YAMLParseError } from "yaml";
import { DuetMindError, type ErrorCode } from "./errors.ts";

/** The error for a text that is no YAML, with its line and column; the library itself is not loaded. */
export function yamlFault(
  problem: YAMLParseError,
  lineCounter: LineCounter,
  file: string,
  code: ErrorCode,
): DuetMindError {
  const { line, col } = lineCounter.linePos(problem.pos[0]);
  const what = problem.message.split("\n")[0]!.replace(/ at line \d+, column \d+:?$/, "");
  return new DuetMindError(code, `${file}:${line}:${col}: expected valid YAML, got ${what}`, {
    file,
    line,
    column: col,
    cause: problem,
  });
}

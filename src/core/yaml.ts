import { LineCounter, parseDocument } from "yaml";
import type { ErrorCode } from "./errors.ts";
import { yamlFault } from "./yaml-fault.ts";

/** YAML 1.2 (so JSON too) from outside; a syntax error names the file, line and column. */
export function parseYaml(text: string, file: string, code: ErrorCode = "BAD_INPUT"): unknown {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter, merge: true });
  const problem = document.errors[0];
  if (problem !== undefined) throw yamlFault(problem, lineCounter, file, code);
  return document.toJS({ maxAliasCount: 100 });
}

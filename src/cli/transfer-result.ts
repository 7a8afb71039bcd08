import type { DuetMindError } from "../core/errors.ts";
import { type TransferFailure, transferError } from "../reproduce/remote/transfer-failure.ts";
import type { TransferReport } from "../reproduce/remote/transfer-report.ts";
import type { CommandResult } from "./command.ts";
import { filesJson } from "./files-json.ts";

/** What a transfer says. What it could not transfer is its error: with --json beside what it did. */
export function transferResult(
  task: "push" | "fetch",
  report: TransferReport,
  failures: readonly TransferFailure[],
  asked: Readonly<{ text: string; json: boolean; more?: Readonly<Record<string, unknown>> }>,
): CommandResult {
  const { outs, changed, transferred } = report;
  const json = { ...filesJson(outs, changed.size), transferred, ...asked.more };
  if (failures.length === 0) return { json, text: asked.text };
  const error: DuetMindError = transferError(task, failures);
  if (!asked.json) throw error;
  return { json: { ...json, error: error.toJSON() }, text: "", exitCode: 1 };
}

/** DVC's summary: `1 file pushed`, `2 files fetched and 1 file added`. */
export function summary(
  counts: readonly (readonly [word: string, count: number])[],
  nothing = "Everything is up to date.",
): string {
  const parts = counts
    .filter(([, count]) => count > 0)
    .map(([word, count]) => `${count} file${count === 1 ? "" : "s"} ${word}`);
  if (parts.length === 0) return nothing;
  const last = parts.pop()!;
  return parts.length === 0 ? last : `${parts.join(", ")} and ${last}`;
}

import type { Command } from "commander";
import { diffJson, diffRevisions } from "../reproduce/compare/diff-values.ts";
import {
  failedRevisions,
  pathsFrom,
  type RevisionValues,
} from "../reproduce/compare/file-values.ts";
import { readRevisions, requireGit, WORKSPACE } from "../reproduce/compare/revisions.ts";
import { tableText } from "../reproduce/compare/table.ts";
import { diffTable } from "../reproduce/compare/value-table.ts";
import type { View } from "../reproduce/compare/view.ts";
import type { Repository } from "../reproduce/files/repository.ts";
import { pythonJsonAsGiven } from "../reproduce/values/python-text.ts";
import { toJson } from "../reproduce/values/to-json.ts";
import type { CommandResult, Invocation } from "./command.ts";
import type { CliContext } from "./context.ts";
import { openCompared, warnOfFailures } from "./revision-options.ts";

/** What `metrics diff` and `params diff` have of their own. */
export type ValueDiffKind = Readonly<{
  what: "metrics" | "params";
  title: "Metric" | "Param";
  /** Digits after the point; null: as they are. */
  precision: number | null;
  /** A column of differences. */
  withChange: boolean;
  read(view: View, targets: readonly string[], repository: Repository): RevisionValues;
}>;

export function configureValueDiff(program: Command, what: string): void {
  program
    .argument("[a_rev]", "the old revision of git; default: HEAD")
    .argument("[b_rev]", "the new revision of git; default: the workspace")
    .option("--targets <paths...>", `only the ${what} of these files`)
    .option("--all", "what did not change too")
    .option("--no-path", "leave the column of paths out")
    .option("--md", "print a table in Markdown");
}

/** What changed between two revisions: DVC's JSON, and its table. */
export async function runValueDiff(
  kind: ValueDiffKind,
  { args, options }: Invocation,
  context: CliContext,
): Promise<CommandResult> {
  const { what, title, precision, withChange } = kind;
  const [a, b] = [args[0] ?? "HEAD", args[1] ?? WORKSPACE];
  const { repository, git, plan } = await openCompared(context);
  const hasCommits = requireGit(git).hasCommits();
  const revisions = hasCommits ? plan({ revisions: [a, b] }) : [];
  const targets = (options["targets"] as readonly string[] | undefined) ?? [];
  const results = await readRevisions(revisions, (view) => kind.read(view, targets, repository));
  const failed = failedRevisions(results).filter((name) => name === a || name === b);
  warnOfFailures(what, results, failed, context);
  const diff = diffRevisions(results, a, b, options["all"] === true);
  const shown = pathsFrom(repository.root, repository.cwd);
  const json = diffJson(diff, shown);
  const withPath = options["path"] !== false;
  const table = diffTable(diff, shown, { title, a, b, withPath, withChange, precision });
  return {
    json: toJson(json),
    jsonText: pythonJsonAsGiven(json),
    text: tableText(table, options["md"] === true),
    isVerbatim: true,
  };
}

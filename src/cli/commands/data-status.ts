import { InvalidArgumentError } from "commander";
import { recordedData, workspaceData } from "../../reproduce/compare/data-diff.ts";
import { planDataStatus } from "../../reproduce/compare/status/data-status.ts";
import {
  toDataStatusJson,
  toDataStatusText,
} from "../../reproduce/compare/status/data-status-text.ts";
import { commitView, workspaceView } from "../../reproduce/compare/view.ts";
import type { CommandDefinition } from "../command.ts";
import { openCompared } from "../revision-options.ts";

export const command: CommandDefinition = {
  name: "status",
  summary: "Compare data with what is recorded of it, and that with the last commit",
  examples: ["duetmind data status", "duetmind data status --granular --unchanged --json"],
  configure(program) {
    program
      .argument("[targets...]", "only these outs, or files in them")
      .option("--granular", "the files of folders too")
      .option("--unchanged", "what did not change too")
      .option(
        "--untracked-files [which]",
        "files that git does not know: all, or no",
        toChoice,
        "no",
      );
  },
  async run({ args, options }, context) {
    const { repository, git } = await openCompared(context);
    const now = await workspaceView(repository, context.effects);
    const hasHead = git?.hasCommits() === true;
    const then = git !== null && hasHead ? commitView(git.resolve("HEAD"), git, repository) : null;
    const nothing = { entries: new Map(), unknown: new Set<string>(), roots: new Set<string>() };
    const head = then === null ? nothing : recordedData(then, args, repository);
    const status = planDataStatus(
      git === null ? null : head,
      recordedData(now, args, repository),
      workspaceData(now, args, repository),
      { granular: options["granular"] === true, cacheFolder: repository.cacheFolder },
    );
    await repository.index.save(context.effects);
    const isAsked = options["untrackedFiles"] !== "no";
    const untracked = isAsked ? (git?.untracked(repository.root) ?? []) : null;
    const shown = { ...status, untracked, showUnchanged: options["unchanged"] === true };
    return {
      json: toDataStatusJson(shown),
      text: toDataStatusText(shown, git?.isDirty() === true || (untracked ?? []).length > 0),
    };
  },
};

function toChoice(value: string): string {
  if (value === "all" || value === "no") return value;
  throw new InvalidArgumentError("expected all or no");
}

import { InvalidArgumentError } from "commander";
import { type DataTree, recordedData, workspaceData } from "../../reproduce/compare/data-diff.ts";
import { planDataStatus, recordedHashes } from "../../reproduce/compare/status/data-status.ts";
import {
  toDataStatusJson,
  toDataStatusText,
} from "../../reproduce/compare/status/data-status-text.ts";
import { commitView, type View, workspaceView } from "../../reproduce/compare/view.ts";
import type { Repository } from "../../reproduce/files/repository.ts";
import type { CommandDefinition, Invocation } from "../command.ts";
import type { CliContext } from "../context.ts";
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
      )
      .option("--not-in-remote", "what the remote lacks too")
      .option("-r, --remote <name>", "with --not-in-remote: another remote than the default one")
      .option(
        "--no-remote-refresh",
        "taken for the sake of scripts: the remote is asked each time",
      );
  },
  async run({ args, options }, context) {
    const { repository, git } = await openCompared(context);
    const now = await workspaceView(repository, context.effects);
    const hasHead = git?.hasCommits() === true;
    const then = git !== null && hasHead ? commitView(git.resolve("HEAD"), git, repository) : null;
    const nothing = { entries: new Map(), unknown: new Set<string>(), roots: new Set<string>() };
    const head = then === null ? nothing : recordedData(then, args, repository);
    const recorded = recordedData(now, args, repository);
    const status = planDataStatus(
      git === null ? null : head,
      recorded,
      workspaceData(now, args, repository),
      { granular: options["granular"] === true, cacheFolder: repository.cacheFolder },
    );
    await repository.index.save(context.effects);
    const isAsked = options["untrackedFiles"] !== "no";
    const untracked = isAsked ? (git?.untracked(repository.root) ?? []) : null;
    const shown = {
      ...status,
      untracked,
      notInRemote: await lackingInRemote(now, recorded, repository, options, context),
      showUnchanged: options["unchanged"] === true,
    };
    return {
      json: toDataStatusJson(shown),
      text: toDataStatusText(shown, git?.isDirty() === true || (untracked ?? []).length > 0),
    };
  },
};

/** What talks to remotes is loaded only when it is asked for. */
async function lackingInRemote(
  view: View,
  recorded: DataTree,
  repository: Repository,
  options: Invocation["options"],
  { env, effects }: CliContext,
): Promise<readonly string[] | null> {
  if (options["notInRemote"] !== true) return null;
  const { notInRemote } = await import("../../reproduce/remote/not-in-remote.ts");
  const remote = typeof options["remote"] === "string" ? options["remote"] : null;
  const hashes = recordedHashes(recorded, options["granular"] === true);
  return notInRemote(hashes, view, repository, { remote, jobs: null, env }, effects);
}

function toChoice(value: string): string {
  if (value === "all" || value === "no") return value;
  throw new InvalidArgumentError("expected all or no");
}

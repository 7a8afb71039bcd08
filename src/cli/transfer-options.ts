import type { Command } from "commander";
import { DuetMindError } from "../core/errors.ts";
import type { RevisionQuery } from "../reproduce/compare/revisions.ts";
import { openLockFiles } from "../reproduce/files/lock-file.ts";
import type { Repository } from "../reproduce/files/repository.ts";
import { collectStages } from "../reproduce/pipeline/collect.ts";
import type { OutTargets } from "../reproduce/pipeline/select-outs.ts";
import type { RecordedStages, TransferOptions } from "../reproduce/remote/transfer.ts";
import type { Invocation } from "./command.ts";
import type { CliContext } from "./context.ts";

/** The options that push, fetch and pull share, in DVC's spelling. */
export function configureTransfer(program: Command): void {
  program
    .argument("[targets...]", "outs, paths in them, stages, .dvc files; default: every out")
    .option("-r, --remote <name>", "another remote than the default one")
    .option("-j, --jobs <number>", "transfers at once; default: four for each core")
    .option("-d, --with-deps", "the outs of all stages before the targets too")
    .option("-R, --recursive", "a target that is a folder means every out below it")
    .option("--glob", "targets are patterns, such as 'data/*.csv'")
    .option("-a, --all-branches", "what every branch records too")
    .option("-T, --all-tags", "what every tag records too")
    .option("-A, --all-commits", "what every commit records too")
    .option("--run-cache", "the runs of the run-cache too")
    .option("--no-run-cache", "not the runs, which is the default");
}

/** The outs that a command is about. */
export function outTargets({ args, options }: Invocation): OutTargets {
  return {
    targets: args,
    withDeps: options["withDeps"] === true,
    recursive: options["recursive"] === true,
    glob: options["glob"] === true,
  };
}

export function transferOptions(
  invocation: Invocation,
  { env }: Pick<CliContext, "env">,
): TransferOptions {
  const { options } = invocation;
  const { remote } = options;
  return {
    ...outTargets(invocation),
    remote: typeof remote === "string" ? remote.toLowerCase() : null,
    jobs: parseJobs(options["jobs"]),
    runCache: options["runCache"] === true,
    env,
  };
}

/** What is recorded of stages: in the workspace and, where they are asked for, in other revisions. */
export async function recordedStages(
  repository: Repository,
  { options }: Invocation,
  context: Pick<CliContext, "env" | "effects">,
): Promise<readonly RecordedStages[]> {
  return stagesOfRevisions(repository, revisionOptions(options), "pass-over", context);
}

export function revisionOptions(options: Invocation["options"]): RevisionQuery {
  return {
    revisions: [],
    allBranches: options["allBranches"] === true,
    allTags: options["allTags"] === true,
    allCommits: options["allCommits"] === true,
  };
}

/** The workspace first; a revision that cannot be read ends it, or is passed over with a note. */
export async function stagesOfRevisions(
  repository: Repository,
  query: RevisionQuery,
  unreadable: "refuse" | "pass-over",
  { env, effects }: Pick<CliContext, "env" | "effects">,
): Promise<readonly RecordedStages[]> {
  const { asksForCommits, findGit, planRevisions, requireGit } = await import(
    "../reproduce/compare/revisions.ts"
  );
  if (!asksForCommits(query)) {
    return [{ stages: await collectStages(repository, effects), locks: openLockFiles() }];
  }
  const git = requireGit(findGit(repository, env));
  const views: RecordedStages[] = [];
  for (const { name, open } of planRevisions(query, git, repository, effects)) {
    try {
      const view = await open();
      if (view !== null) views.push(view);
    } catch (error) {
      const isPassedOver = views.length > 0 && unreadable === "pass-over";
      if (!isPassedOver || !(error instanceof DuetMindError)) throw error;
      effects.progress.note(`${name}: passed over: ${error.message}`);
    }
  }
  return views;
}

/** `-j N`: how much goes on at once. */
export function parseJobs(value: unknown): number | null {
  if (value === undefined) return null;
  if (typeof value === "string" && /^[1-9]\d{0,3}$/.test(value)) return Number(value);
  throw new DuetMindError("USAGE", `--jobs: expected a number from 1 to 9999, got "${value}"`);
}

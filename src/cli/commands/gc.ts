import { DuetMindError } from "../../core/errors.ts";
import { collectGarbage } from "../../reproduce/data/collect-garbage.ts";
import { openRepository } from "../../reproduce/files/repository.ts";
import type { CommandDefinition } from "../command.ts";
import { dataJson } from "../data-result.ts";
import { recordedStages } from "../transfer-options.ts";

const SCOPES = ["workspace", "allBranches", "allTags", "allCommits"] as const;

export const command: CommandDefinition = {
  name: "gc",
  summary: "Remove from the cache what neither the workspace nor the named revisions record",
  examples: [
    "duetmind gc --workspace",
    "duetmind gc --workspace --force",
    "duetmind gc --all-commits --dry --json",
  ],
  configure(program) {
    program
      .option("-w, --workspace", "keep what the workspace records")
      .option("-a, --all-branches", "keep what every branch records too")
      .option("-T, --all-tags", "keep what every tag records too")
      .option("-A, --all-commits", "keep what every commit records too")
      .option("--dry", "only say what would go")
      .option("-f, --force", "remove it; without this option nothing is removed");
  },
  async run(invocation, context) {
    const { cwd, env, effects } = context;
    const { options } = invocation;
    if (!SCOPES.some((scope) => options[scope] === true)) {
      throw new DuetMindError(
        "USAGE",
        "gc: expected what to keep (--workspace, --all-branches, --all-tags or --all-commits), got none of them",
        { hint: "duetmind gc --workspace shows what only other revisions need" },
      );
    }
    const repository = await openRepository(cwd, env, effects);
    const dry = options["dry"] === true || options["force"] !== true;
    const views = await recordedStages(repository, invocation, context);
    const report = collectGarbage(repository, views, { dry }, effects);
    const bytes = report.files.reduce((sum, { sizeBytes }) => sum + (sizeBytes ?? 0), 0);
    const what = `${report.files.length} objects of ${(bytes / 1e6).toFixed(1)} MB`;
    const text = dry
      ? `would remove ${what}${report.files.length === 0 ? "" : "; --force removes them"}`
      : `removed ${what}`;
    return { json: dataJson(report), text };
  },
};

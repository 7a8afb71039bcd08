import { relative } from "node:path";
import { DuetMindError } from "../../core/errors.ts";
import { openRepository } from "../../reproduce/files/repository.ts";
import { collectGarbage } from "../../reproduce/workspace/collect-garbage.ts";
import type { CommandDefinition } from "../command.ts";
import { recordedStages } from "../transfer-options.ts";

const SCOPES = ["workspace", "allBranches", "allTags", "allCommits"];

export const command: CommandDefinition = {
  name: "gc",
  summary: "Remove from the cache what no out uses; without --force only say what would go",
  examples: [
    "duetmind gc --workspace",
    "duetmind gc -w --force",
    "duetmind gc -a -T --force --json",
  ],
  configure(program) {
    program
      .option("-w, --workspace", "keep what the workspace records")
      .option("-a, --all-branches", "keep what the workspace and every branch record")
      .option("-T, --all-tags", "keep what the workspace and every tag record")
      .option("-A, --all-commits", "keep what the workspace and every commit record")
      .option("-f, --force", "remove it")
      .option("--dry", "only say what would go");
  },
  async run(invocation, context) {
    const { options } = invocation;
    if (!SCOPES.some((name) => options[name] === true)) {
      throw new DuetMindError(
        "USAGE",
        "gc: expected what to keep (-w, -a, -T or -A), got nothing",
        { hint: "duetmind gc --workspace keeps what the workspace uses" },
      );
    }
    const { cwd, env, effects } = context;
    const repository = await openRepository(cwd, env, effects);
    const force = options["force"] === true;
    const dry = options["dry"] === true || !force;
    const views = await recordedStages(repository, invocation, context);
    const garbage = collectGarbage(repository, views, { force, dry }, effects);
    const files = garbage.map(({ path, md5, sizeBytes }) => ({
      path: relative(cwd, path),
      md5,
      size: sizeBytes,
      nfiles: null,
    }));
    return { json: { files, changed: dry ? 0 : files.length, dry }, text: toText(files, dry) };
  },
};

function toText(files: readonly Readonly<{ path: string }>[], dry: boolean): string {
  if (files.length === 0) return "No unused cache to remove.";
  const count = `${files.length} object${files.length === 1 ? "" : "s"}`;
  if (!dry) return `Removed ${count} from the cache.`;
  const lines = files.map(({ path }) => `Would remove ${path}`);
  return [...lines, `${count} would go: --force removes them.`].join("\n");
}

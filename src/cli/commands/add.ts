import { DuetMindError } from "../../core/errors.ts";
import { addData } from "../../reproduce/data/add.ts";
import { expandGlobs } from "../../reproduce/data/expand-globs.ts";
import { openRepository } from "../../reproduce/files/repository.ts";
import type { CommandDefinition } from "../command.ts";
import { dataJson } from "../data-result.ts";

export const command: CommandDefinition = {
  name: "add",
  summary: "Put files and folders into the cache, and write a .dvc file beside each",
  examples: [
    "duetmind add data/source",
    "duetmind add a.csv b.csv --json",
    "duetmind add 'data/*.csv' --glob",
  ],
  configure(program) {
    program
      .argument(
        "<targets...>",
        "files and folders; a path in a folder that was added, to take it anew",
      )
      .option("--no-commit", "write the .dvc file, and nothing into the cache")
      .option("--glob", "targets are patterns, such as 'data/*.csv'");
  },
  async run({ args, options }, { cwd, env, effects }) {
    const repository = await openRepository(cwd, env, effects);
    const targets = options["glob"] === true ? expandGlobs(args, cwd) : args;
    const git = repository.hasGit
      ? (await import("../../reproduce/compare/revisions.ts")).findGit(repository, env)
      : null;
    if (targets.length === 0) {
      throw new DuetMindError("BAD_INPUT", `add: expected files that match, got none`);
    }
    const report = await addData(
      targets,
      repository,
      {
        commit: options["commit"] !== false,
        trackedByGit: (paths) => git?.tracked(paths) ?? [],
      },
      effects,
    );
    const lines = report.files.map(({ path, md5 }) => `${path}: ${md5}`);
    const hint = git === null || report.written.length === 0 ? [] : giveToGit(report.written);
    return { json: dataJson(report), text: [...lines, ...hint].join("\n") };
  },
};

function giveToGit(written: readonly string[]): readonly string[] {
  const names = written.map((path) => (/^[\w./-]+$/.test(path) ? path : `'${path}'`));
  return ["To track the changes with git, run:", `  git add ${names.join(" ")}`];
}

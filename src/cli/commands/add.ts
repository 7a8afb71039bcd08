import { relative } from "node:path";
import { usesGit } from "../../reproduce/files/git-ignore.ts";
import { openRepository } from "../../reproduce/files/repository.ts";
import { addOuts } from "../../reproduce/workspace/add-outs.ts";
import { expandGlob } from "../../reproduce/workspace/expand-glob.ts";
import type { CommandDefinition } from "../command.ts";
import { filesJson } from "../files-json.ts";

export const command: CommandDefinition = {
  name: "add",
  summary: "Track files and folders: content into the cache, a .dvc file beside them",
  examples: [
    "duetmind add data/raw",
    "duetmind add 'images/*.png' --glob",
    "duetmind add /mnt/scans/a.csv --out data/a.csv --json",
  ],
  configure(program) {
    program
      .argument("<targets...>", "files and folders; a part of a tracked folder updates that folder")
      .option("--no-commit", "write the .dvc file only, put nothing into the cache")
      .option("--glob", "targets are patterns, such as 'data/*.csv'")
      .option("-o, --out <path>", "put a copy of the target here, and track that")
      .option("-f, --force", "with --out: replace what is there")
      .option("--no-relink", "leave the files as they are, whatever cache.type says");
  },
  async run({ args, options }, { cwd, env, effects }) {
    const repository = await openRepository(cwd, env, effects);
    const { out } = options;
    const report = await addOuts(
      repository,
      {
        targets: options["glob"] === true ? args.flatMap((one) => expandGlob(one, cwd)) : args,
        out: typeof out === "string" ? out : null,
        force: options["force"] === true,
        noCommit: options["commit"] === false,
        noRelink: options["relink"] === false,
        env,
      },
      effects,
    );
    const files = [...new Set(report.toTrack)].map((path) => relative(cwd, path));
    const hint = `\nTo track the changes with git, run:\n\n\tgit add ${files.join(" ")}`;
    const done = report.outs.map(({ shown }) => `${shown}: added`);
    return {
      json: filesJson(report.outs, report.outs.filter(({ isChanged }) => isChanged).length),
      text: [...done, ...(usesGit(repository) ? [hint] : [])].join("\n"),
    };
  },
};

import { openRepository } from "../../reproduce/files/repository.ts";
import { commitStages } from "../../reproduce/workspace/commit-stages.ts";
import type { CommandDefinition } from "../command.ts";
import { filesJson } from "../files-json.ts";
import { outTargets } from "../transfer-options.ts";

export const command: CommandDefinition = {
  name: "commit",
  summary: "Put outs as they stand into the cache; with --force, record what changed in them",
  examples: [
    "duetmind commit",
    "duetmind commit data/raw.dvc --force",
    "duetmind commit train -f --json",
  ],
  configure(program) {
    program
      .argument("[targets...]", "stages, .dvc files, outs; default: everything")
      .option("-f, --force", "record changed deps, parameters and outs")
      .option("-d, --with-deps", "the stages before the targets too")
      .option("-R, --recursive", "a target that is a folder means everything below it")
      .option("--no-relink", "leave the files as they are, whatever cache.type says");
  },
  async run(invocation, { cwd, env, effects }) {
    const { options } = invocation;
    const repository = await openRepository(cwd, env, effects);
    const outs = await commitStages(
      repository,
      {
        ...outTargets(invocation),
        force: options["force"] === true,
        noRelink: options["relink"] === false,
        env,
      },
      effects,
    );
    const changed = outs.filter(({ isChanged }) => isChanged);
    const lines = changed.map(({ shown }) => `${shown}: recorded`);
    return { json: filesJson(outs, changed.length), text: lines.join("\n") || "Nothing changed." };
  },
};

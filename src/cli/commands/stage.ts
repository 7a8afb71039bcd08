import { openRepository } from "../../reproduce/files/repository.ts";
import { listedStage, listStages, stageTable } from "../../reproduce/pipeline/list-stages.ts";
import type { CommandDefinition } from "../command.ts";

const list: CommandDefinition = {
  name: "list",
  summary: "list stages with what they make; --json: all their keys, templates filled in",
  examples: [
    "duetmind stage list",
    "duetmind stage list train sub/dvc.yaml --json",
    "duetmind stage list --all --name-only",
  ],
  configure(program) {
    program
      .argument("[targets...]", "dvc.yaml and .dvc files, stages, groups; default: dvc.yaml")
      .option("--all", "every stage of the repository")
      .option("-R, --recursive", "a folder among the targets stands for every stage in it")
      .option(
        "--fail",
        "taken for the sake of scripts: a file that cannot be read is always an error",
      )
      .option("--name-only, --names-only", "no descriptions");
  },
  async run({ args, options }, { cwd, env, effects }) {
    const repository = await openRepository(cwd, env, effects);
    const asked = {
      targets: args,
      all: options["all"] === true,
      recursive: options["recursive"] === true,
    };
    const stages = await listStages(asked, repository, effects);
    return {
      json: stages.map((stage) => listedStage(stage, repository.cwd)),
      text: stageTable(stages, options["nameOnly"] !== true && options["namesOnly"] !== true),
    };
  },
};

export const command: CommandDefinition = {
  name: "stage",
  summary: "Show the stages of dvc.yaml as they are understood",
  examples: list.examples,
  subcommands: [list],
};

import { openRepository } from "../../reproduce/files/repository.ts";
import { removeStages } from "../../reproduce/workspace/remove-stages.ts";
import type { CommandDefinition } from "../command.ts";

export const command: CommandDefinition = {
  name: "remove",
  summary: "Stop tracking data, or take stages out of dvc.yaml; the data stays",
  examples: ["duetmind remove data/raw.dvc", "duetmind remove train --outs"],
  configure(program) {
    program
      .argument("<targets...>", ".dvc files, and stages of dvc.yaml")
      .option("--outs", "remove their outs too; what the cache has stays there");
  },
  async run({ args, options }, { cwd, env, effects }) {
    const repository = await openRepository(cwd, env, effects);
    const stages = await removeStages(args, options["outs"] === true, repository, effects);
    const removed = stages.map(({ address }) => address);
    return { json: { removed }, text: removed.map((address) => `${address}: removed`).join("\n") };
  },
};

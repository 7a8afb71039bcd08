import { readStatus } from "../../reproduce/compare/status/status.ts";
import { toStatusJson, toStatusText } from "../../reproduce/compare/status/status-text.ts";
import { openRepository } from "../../reproduce/files/repository.ts";
import type { CommandDefinition } from "../command.ts";

export const command: CommandDefinition = {
  name: "status",
  summary: "Say which stages and data differ from what dvc.lock and .dvc files record",
  examples: [
    "duetmind status",
    "duetmind status train --with-deps",
    "duetmind status -q || echo changed",
  ],
  configure(program) {
    program
      .argument("[targets...]", "stages, groups, dvc.yaml or .dvc files, outs; default: everything")
      .option("-q, --quiet", "print nothing; exit 1 when something changed")
      .option("-d, --with-deps", "the targets and all that they need")
      .option("-R, --recursive", "a target that is a folder means every stage in it");
  },
  async run({ args, options }, { cwd, env, effects, json }) {
    const repository = await openRepository(cwd, env, effects);
    const report = await readStatus(
      repository,
      {
        targets: args,
        recursive: options["recursive"] === true,
        withDeps: options["withDeps"] === true,
      },
      effects,
    );
    const isQuiet = options["quiet"] === true && !json;
    return {
      json: toStatusJson(report),
      text: isQuiet ? "" : toStatusText(report),
      exitCode: isQuiet && report.changes.size > 0 ? 1 : 0,
    };
  },
};

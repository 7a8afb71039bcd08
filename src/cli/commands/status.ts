import { DuetMindError } from "../../core/errors.ts";
import { readStatus } from "../../reproduce/compare/status/status.ts";
import { toStatusJson, toStatusText } from "../../reproduce/compare/status/status-text.ts";
import { openRepository } from "../../reproduce/files/repository.ts";
import type { CommandDefinition, Invocation } from "../command.ts";

export const command: CommandDefinition = {
  name: "status",
  summary: "Say which stages and data differ from what dvc.lock and .dvc files record",
  examples: [
    "duetmind status",
    "duetmind status train --with-deps",
    "duetmind status -q || echo changed",
    "duetmind status -c",
  ],
  configure(program) {
    program
      .argument("[targets...]", "stages, groups, dvc.yaml or .dvc files, outs; default: everything")
      .option("-q, --quiet", "print nothing; exit 1 when something changed")
      .option("-d, --with-deps", "the targets and all that they need")
      .option("-R, --recursive", "a target that is a folder means every stage in it")
      .option("--no-updates", "taken for the sake of scripts: origins of imports are never asked")
      .option("-c, --cloud", "what the cache and the default remote have of each other")
      .option("-r, --remote <name>", "what the cache and this remote have of each other")
      .option("-j, --jobs <number>", "with -c: questions at once; default: four for each core")
      .option("-a, --all-branches", "with -c: what every branch records too")
      .option("-T, --all-tags", "with -c: what every tag records too")
      .option("-A, --all-commits", "with -c: what every commit records too");
  },
  async run(invocation, context) {
    const { args, options } = invocation;
    const { cwd, env, effects, json } = context;
    const repository = await openRepository(cwd, env, effects);
    if (options["cloud"] === true || options["remote"] !== undefined) {
      const { cloudStatusResult } = await import("../cloud-status.ts");
      return cloudStatusResult(repository, invocation, context);
    }
    refuseCloudOptions(options);
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

function refuseCloudOptions(options: Invocation["options"]): void {
  const given = ["jobs", "allBranches", "allTags", "allCommits"].find(
    (name) => options[name] !== undefined,
  );
  if (given === undefined) return;
  const flag = given.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  throw new DuetMindError("USAGE", `status --${flag}: expected --cloud beside it, got none`);
}

import { commitData } from "../../reproduce/data/commit.ts";
import { openRepository } from "../../reproduce/files/repository.ts";
import type { CommandDefinition } from "../command.ts";
import { dataJson } from "../data-result.ts";
import { configureTargets, outTargets } from "../out-targets.ts";

export const command: CommandDefinition = {
  name: "commit",
  summary: "Put outs as they stand into the cache and record them, without running anything",
  examples: ["duetmind commit", "duetmind commit train --force", "duetmind commit data.csv.dvc"],
  configure(program) {
    configureTargets(program);
    program.option("-f, --force", "record what changed since it was recorded");
  },
  async run(invocation, { cwd, env, effects }) {
    const repository = await openRepository(cwd, env, effects);
    const report = await commitData(
      repository,
      { ...outTargets(invocation), force: invocation.options["force"] === true },
      effects,
    );
    const { files, changed } = report;
    const text = `${files.length} ${files.length === 1 ? "out is" : "outs are"} in the cache, ${changed} recorded anew`;
    return { json: dataJson(report), text };
  },
};

import { readParams } from "../../reproduce/compare/params.ts";
import type { CommandDefinition } from "../command.ts";
import { configureValueDiff, runValueDiff } from "../value-diff.ts";

const diff: CommandDefinition = {
  name: "diff",
  summary: "Compare the parameters of two revisions",
  examples: ["duetmind params diff", "duetmind params diff v1 v2 --deps --md"],
  configure(program) {
    configureValueDiff(program, "parameters");
    program.option("--deps", "only what stages depend on");
  },
  run(invocation, context) {
    const depsOnly = invocation.options["deps"] === true;
    return runValueDiff(
      {
        what: "params",
        title: "Param",
        precision: null,
        withChange: false,
        read: (view, targets, repository) => readParams(view, { targets, depsOnly }, repository),
      },
      invocation,
      context,
    );
  },
};

export const command: CommandDefinition = {
  name: "params",
  summary: "Compare the parameters of a pipeline between revisions",
  examples: ["duetmind params diff", "duetmind params diff HEAD~1 --json"],
  subcommands: [diff],
};

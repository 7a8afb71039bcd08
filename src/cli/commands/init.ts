import { resolve } from "node:path";
import { Option } from "commander";
import { DuetMindError } from "../../core/errors.ts";
import { packageFile } from "../../core/package-file.ts";
import { runInit } from "../../pipelines/init-project.ts";
import type { CommandDefinition } from "../command.ts";

export const command: CommandDefinition = {
  name: "init",
  summary: "Make a working project for your own data or for the sample",
  examples: [
    "duetmind init demo --sample alzheimer",
    "duetmind init churn --from customers.csv --target churned",
  ],
  configure(program) {
    program
      .argument("<dir>", "folder of the new project")
      .addOption(new Option("--sample <name>", "synthetic data").choices(["alzheimer"]))
      .option("--from <file>", "your own data: CSV, TSV, Parquet, JSON, NDJSON")
      .option("--target <column>", "the column to predict, with --from");
  },
  async run({ args, options }, { cwd, effects }) {
    const dir = args[0]!;
    const result = await runInit(
      {
        folder: resolve(cwd, dir),
        schemas: packageFile("config"),
        origin: parseOrigin(options, cwd),
      },
      effects,
    );
    const { guess } = result;
    const guessed =
      guess === undefined
        ? []
        : [
            `predicts ${guess.target} (${guess.task})${guess.subject === undefined ? "" : `, rows of one ${guess.subject} stay together`}`,
            ...guess.excluded.map(({ column, reason }) => `leaves out ${column}: ${reason}`),
          ];
    return {
      json: {
        schema_version: 1,
        dir,
        files: result.files,
        ...(guess === undefined
          ? {}
          : {
              target: guess.target,
              task: guess.task,
              subject: guess.subject ?? null,
              excluded: guess.excluded,
            }),
      },
      text: [
        `made ${dir}: ${result.files.join(", ")}`,
        ...guessed,
        `next: cd ${dir} && duetmind reproduce`,
      ].join("\n"),
    };
  },
};

function parseOrigin(
  options: Readonly<Record<string, unknown>>,
  cwd: string,
): { sample: "alzheimer" } | { from: string; target: string } {
  const { sample, from, target } = options as Record<string, string | undefined>;
  if ((sample === undefined) === (from === undefined)) {
    throw new DuetMindError(
      "USAGE",
      "init: expected either --sample or --from, got neither or both",
    );
  }
  if (from === undefined) return { sample: "alzheimer" };
  if (target === undefined) {
    throw new DuetMindError("USAGE", "init: expected --target with --from, got none", {
      hint: "name the column to predict",
    });
  }
  return { from: resolve(cwd, from), target };
}

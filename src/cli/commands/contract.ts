import { resolve } from "node:path";
import { DuetMindError } from "../../core/errors.ts";
import { toContractJson } from "../../validation/contract-json.ts";
import { readContract } from "../../validation/read-contract.ts";
import { toContractYaml } from "../../validation/write-contract.ts";
import type { CommandDefinition } from "../command.ts";

const show: CommandDefinition = {
  name: "show",
  summary: "Print a contract as read, or written back in Pandera's form",
  examples: [
    "duetmind contract show contracts/patients.yaml --json",
    "duetmind contract show contracts/patients.yaml --yaml --full",
  ],
  configure: (command) => {
    command
      .argument("<file>", "contract in Pandera's YAML or JSON")
      .option("--from <format>", "format of the file", "pandera")
      .option("--yaml", "write it back: flat, only what is not a default (the same without --json)")
      .option("--full", "with --yaml: every key");
  },
  async run({ args, options }, { cwd, effects, json }) {
    const file = args[0]!;
    if (options["from"] !== "pandera") {
      throw new DuetMindError("USAGE", `--from: expected pandera, got "${options["from"]}"`);
    }
    if (options["full"] === true && options["yaml"] !== true) {
      throw new DuetMindError("USAGE", "--full: expected it beside --yaml, got it alone");
    }
    if (json && options["yaml"] === true) {
      throw new DuetMindError("USAGE", "contract show: expected --json or --yaml, got both");
    }
    const contract = await readContract(resolve(cwd, file), effects, file);
    const text = toContractYaml(contract, { full: options["full"] === true });
    return { json: toContractJson(contract), text };
  },
};

export const command: CommandDefinition = {
  name: "contract",
  summary: "Show a data contract as it is understood",
  examples: show.examples,
  subcommands: [show],
};

import type { Command } from "commander";
import type { OutTargets } from "../reproduce/pipeline/select-outs.ts";
import type { Invocation } from "./command.ts";

/** The targets of commands on outs, in DVC's spelling. */
export function configureTargets(program: Command): void {
  program
    .argument("[targets...]", "outs, paths in them, stages, .dvc files; default: every out")
    .option("-d, --with-deps", "the outs of all stages before the targets too")
    .option("-R, --recursive", "a target that is a folder means every out below it");
}

export function outTargets({ args, options }: Invocation): OutTargets {
  return {
    targets: args,
    withDeps: options["withDeps"] === true,
    recursive: options["recursive"] === true,
    glob: options["glob"] === true,
  };
}

import { resolve } from "node:path";
import { openRepository } from "../../reproduce/files/repository.ts";
import { unprotect } from "../../reproduce/workspace/unprotect.ts";
import type { CommandDefinition } from "../command.ts";

export const command: CommandDefinition = {
  name: "unprotect",
  summary: "Make files that are links to the cache files of their own, so that they may be edited",
  examples: ["duetmind unprotect data/raw", "duetmind unprotect model.bin notes.csv"],
  configure(program) {
    program.argument("<targets...>", "files and folders");
  },
  async run({ args }, { cwd, env, effects }) {
    const repository = await openRepository(cwd, env, effects);
    const counts = args.map((target) => unprotect(resolve(cwd, target), repository));
    const changed = counts.reduce((sum, count) => sum + count, 0);
    const word = changed === 1 ? "file is its own" : "files are their own";
    return { json: { changed }, text: changed === 0 ? "No links." : `${changed} ${word} now.` };
  },
};

import { openRepository } from "../../reproduce/files/repository.ts";
import { checkout } from "../../reproduce/workspace/checkout.ts";
import type { CommandDefinition } from "../command.ts";
import { filesJson } from "../files-json.ts";
import { restoredCounts, restoredLines } from "../restored-lines.ts";
import { outTargets } from "../transfer-options.ts";
import { summary } from "../transfer-result.ts";

export const command: CommandDefinition = {
  name: "checkout",
  summary: "Bring outs from the cache to their places, as dvc.lock and .dvc files record them",
  examples: [
    "duetmind checkout",
    "duetmind checkout data/raw --force",
    "duetmind checkout --relink",
  ],
  configure(program) {
    program
      .argument("[targets...]", "outs, paths in them, stages, .dvc files; default: every out")
      .option("--summary", "print counts only")
      .option("-d, --with-deps", "the outs of all stages before the targets too")
      .option("-R, --recursive", "a target that is a folder means every out below it")
      .option("-f, --force", "replace files that are in no cache")
      .option("--relink", "make links and copies anew, as cache.type says")
      .option("--allow-missing", "pass over what the cache lacks");
  },
  async run(invocation, { cwd, env, effects, json }) {
    const { options } = invocation;
    const repository = await openRepository(cwd, env, effects);
    const report = await checkout(
      repository,
      {
        ...outTargets(invocation),
        force: options["force"] === true,
        relink: options["relink"] === true,
        allowMissing: options["allowMissing"] === true,
      },
      effects,
    );
    const [failure] = report.failures;
    const restored = report.plans.filter(({ change }) => change !== "unchanged").length;
    const document = filesJson(report.outs, restored + report.removed.length);
    if (failure !== undefined) {
      if (!json) throw failure;
      return { json: { ...document, error: failure.toJSON() }, text: "", exitCode: 1 };
    }
    const text =
      options["summary"] === true
        ? summary(restoredCounts({ ...report, cwd }), "No changes.")
        : restoredLines({ ...report, cwd }).join("\n");
    const relinked = options["relink"] === true ? ["Relinked successfully"] : [];
    return { json: document, text: [text, ...relinked].filter(Boolean).join("\n") };
  },
};

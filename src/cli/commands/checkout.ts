import type { RestorePlan } from "../../reproduce/cache/plan-restore.ts";
import { checkoutData, missingOuts } from "../../reproduce/data/checkout.ts";
import { openRepository } from "../../reproduce/files/repository.ts";
import type { CommandDefinition } from "../command.ts";
import { dataJson } from "../data-result.ts";
import { configureTargets, outTargets } from "../out-targets.ts";
import { restoredLines } from "../restored-lines.ts";

export const command: CommandDefinition = {
  name: "checkout",
  summary: "Bring outs to the state that dvc.lock and the .dvc files record, from the cache",
  examples: [
    "duetmind checkout",
    "duetmind checkout data/raw --force",
    "duetmind checkout --relink",
  ],
  configure(program) {
    configureTargets(program);
    program
      .option("-f, --force", "replace files that are in no cache")
      .option("--relink", "make links and copies anew, as cache.type asks for them")
      .option("--allow-missing", "pass over what the cache does not have")
      .option("--summary", "only the counts");
  },
  async run(invocation, { cwd, env, effects, json }) {
    const { options } = invocation;
    const repository = await openRepository(cwd, env, effects);
    const report = await checkoutData(
      repository,
      {
        ...outTargets(invocation),
        force: options["force"] === true,
        relink: options["relink"] === true,
      },
      effects,
    );
    const document = dataJson(report);
    if (report.missing.length > 0 && options["allowMissing"] !== true) {
      const error = missingOuts(report.missing);
      if (!json) throw error;
      return { json: { ...document, error: error.toJSON() }, text: "", exitCode: 1 };
    }
    return { json: document, text: checkoutText(report.restored, options["summary"] === true) };
  },
};

function checkoutText(plans: readonly RestorePlan[], isSummary: boolean): string {
  const lines = restoredLines(plans);
  if (!isSummary) return lines.length === 0 ? "Every out is as it is recorded." : lines.join("\n");
  const count = (change: RestorePlan["change"]) =>
    plans.filter((plan) => plan.change === change).length;
  return `${count("added")} added, ${count("modified")} modified`;
}

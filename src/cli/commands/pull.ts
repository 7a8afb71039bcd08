import { openRepository } from "../../reproduce/files/repository.ts";
import type { PullReport } from "../../reproduce/remote/pull-outs.ts";
import { pull } from "../../reproduce/remote/pull-outs.ts";
import type { CommandDefinition } from "../command.ts";
import { restoredCounts, restoredLines } from "../restored-lines.ts";
import { configureTransfer, recordedStages, transferOptions } from "../transfer-options.ts";
import { summary, transferResult } from "../transfer-result.ts";

export const command: CommandDefinition = {
  name: "pull",
  summary: "Fetch outs from the remote, bring them to their places, register what stages recorded",
  examples: ["duetmind pull", "duetmind pull data/raw --force", "duetmind pull --allow-missing"],
  configure(program) {
    configureTransfer(program);
    program
      .option("-f, --force", "replace files that are in no cache")
      .option("--allow-missing", "pass over what no remote has");
  },
  async run(invocation, context) {
    const { cwd, env, effects, json } = context;
    const { options } = invocation;
    const repository = await openRepository(cwd, env, effects);
    const allowMissing = options["allowMissing"] === true;
    const report = await pull(
      repository,
      await recordedStages(repository, invocation, context),
      { ...transferOptions(invocation, context), force: options["force"] === true },
      effects,
    );
    const failures = report.failures.filter(({ isMissing }) => !(allowMissing && isMissing));
    const text = pullText(report, cwd);
    const pulled = transferResult("fetch", report, failures, { text, json });
    if (failures.length > 0) return pulled;
    const { isDuetMindProject } = await import("../../pipelines/duetmind-project.ts");
    if (!isDuetMindProject(repository.root)) return pulled;
    const { registerReproduced } = await import("../../pipelines/reproduce-register.ts");
    const made = await registerReproduced(repository.root, env, effects);
    return transferResult("fetch", report, failures, {
      text: [text, made.text].filter(Boolean).join("\n\n"),
      json,
      more: { registered: made.registered },
    });
  },
};

function pullText({ restored, removed, transferred }: PullReport, cwd: string): string {
  const shown = { plans: restored, removed, cwd };
  const counts = [["fetched", transferred] as const, ...restoredCounts(shown)];
  return [...restoredLines(shown), summary(counts)].join("\n");
}

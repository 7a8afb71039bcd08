import { DuetMindError } from "../../core/errors.ts";
import { packageFile } from "../../core/package-file.ts";
import { type ReproduceReport, runReproduce } from "../../reproduce/run/reproduce.ts";
import type { CommandDefinition, CommandResult } from "../command.ts";

const LOCK_WAIT_MS = 30_000;

export const command: CommandDefinition = {
  name: "reproduce",
  summary: "Run the stages of dvc.yaml that changed, and register what they made",
  examples: [
    "duetmind reproduce",
    "duetmind reproduce train --force",
    "duetmind repro --dry --json",
  ],
  configure(program) {
    program
      .argument("[targets...]", "stages or outs; default: every stage")
      .option("-f, --force", "run even what did not change")
      .option("-s, --single-item", "only the targets, not what comes before them")
      .option("--dry", "only say what would run");
  },
  async run({ args, options }, context) {
    const report = await runReproduce(
      {
        folder: context.cwd,
        targets: args,
        force: options["force"] === true,
        singleItem: options["singleItem"] === true,
        dry: options["dry"] === true,
        env: context.env,
        installation: {
          node: process.execPath,
          script: packageFile("bin/duetmind.js"),
        },
        output: "stderr",
        lockWaitMs: LOCK_WAIT_MS,
      },
      context.effects,
    );
    if (report.failure !== undefined) return failed(report, report.failure, context.json);
    if (report.dry) return { json: toJson(report), text: toText(report) };
    const { registerReproduced } = await import("../../pipelines/reproduce-register.ts");
    const made = await registerReproduced(context.cwd, context.env, context.effects);
    return {
      json: { ...toJson(report), ...(made === null ? {} : { registered: made.registered }) },
      text: [toText(report), made?.text ?? ""].filter(Boolean).join("\n\n"),
    };
  },
};

/** With --json the document says what ran before the failure; a person reads that above the error. */
function failed(report: ReproduceReport, failure: string, json: boolean): CommandResult {
  const error = new DuetMindError("STAGE_FAILED", failure, {
    hint: "stages before it are done and stay done: correct it and run `duetmind reproduce` again",
  });
  if (!json) throw error;
  return { json: { ...toJson(report), error: error.toJSON() }, text: "", exitCode: 1 };
}

/** The document of cli.md, section 4. */
function toJson(report: ReproduceReport) {
  return {
    ok: report.ok,
    dry: report.dry,
    stages: report.stages.map(({ stage, state, why, exitCode, seconds }) => ({
      stage,
      state,
      why,
      exit_code: exitCode,
      seconds,
    })),
    lock_changed: report.lockChanged,
  };
}

function toText(report: ReproduceReport): string {
  const lines = report.stages.map(({ stage, state, why, seconds }) => {
    const time = seconds === null ? "" : ` in ${seconds.toFixed(1)} s`;
    const reason = why.length === 0 ? "" : ` (${why.join("; ")})`;
    return `${stage}: ${state === "unchanged" ? "did not change" : state.replace("_", " ")}${time}${reason}`;
  });
  const isUpToDate = report.stages.every(({ state }) => state === "unchanged");
  return [...lines, ...(isUpToDate ? ["Data and pipelines are up to date."] : [])].join("\n");
}

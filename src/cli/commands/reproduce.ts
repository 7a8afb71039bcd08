import { availableParallelism } from "node:os";
import { InvalidArgumentError } from "commander";
import { DuetMindError } from "../../core/errors.ts";
import { packageFile } from "../../core/package-file.ts";
import { describeChange } from "../../reproduce/run/decide.ts";
import { CLAIM_WAIT_MS } from "../../reproduce/run/path-claims.ts";
import { runReproduce } from "../../reproduce/run/reproduce.ts";
import type { ReproduceOptions, ReproduceReport } from "../../reproduce/run/reproduce-options.ts";
import type { CommandDefinition, CommandResult, Invocation } from "../command.ts";
import type { CliContext } from "../context.ts";

export const command: CommandDefinition = {
  name: "reproduce",
  summary: "Run the stages of dvc.yaml that changed, and register what they made",
  examples: [
    "duetmind reproduce",
    "duetmind reproduce train --force --why",
    "duetmind reproduce -P -k -j 4",
    "duetmind repro --dry --json",
  ],
  configure(program) {
    program
      .argument("[targets...]", "stages, groups, dvc.yaml or .dvc files, outs; default: dvc.yaml")
      .option("-f, --force", "run even what did not change")
      .option("-s, --single-item", "only the targets, not what comes before them")
      .option("-p, --pipeline", "all that is connected with the targets")
      .option("-P, --all-pipelines", "every stage of the repository")
      .option("-R, --recursive", "a target that is a folder means every stage in it")
      .option("--glob", "names of targets are patterns, such as 'train@*'")
      .option("--downstream", "what needs the targets, instead of what they need")
      .option("--force-downstream", "run what comes after a stage that ran")
      .option("--dry", "only say what would run")
      .option(
        "-k, --keep-going",
        "after a failure go on with what does not need it; exit 1 at the end",
      )
      .option("--ignore-errors", "after a failure go on with everything; exit 0")
      .option("--no-commit", "do not put outs into the cache")
      .option("--no-run-cache", "run even what was run before with the same inputs")
      .option("-i, --interactive", "ask before each stage that would run")
      .option("--pull", "bring from the remote known runs, and missing data instead of making it")
      .option("--allow-missing", "data that is absent is no change")
      .option("-j, --jobs <number>", "stages at a time; default: the cores", toJobs)
      .option("--why", "say what changed, from what to what");
  },
  async run(invocation, context) {
    const report = await runReproduce(await toOptions(invocation, context), context.effects);
    const withDetail = invocation.options["why"] === true;
    if (report.failure !== undefined && !report.ok) {
      return failed(report, report.failure, withDetail, context.json);
    }
    const shown = { json: toJson(report, withDetail), text: toText(report, withDetail) };
    if (report.dry) return shown;
    const { isDuetMindProject } = await import("../../pipelines/duetmind-project.ts");
    if (!isDuetMindProject(context.cwd)) return shown;
    const { registerReproduced } = await import("../../pipelines/reproduce-register.ts");
    const made = await registerReproduced(context.cwd, context.env, context.effects);
    return {
      json: { ...shown.json, registered: made.registered },
      text: [shown.text, made.text].filter(Boolean).join("\n\n"),
    };
  },
};

function toJobs(text: string): number {
  const jobs = Number(text);
  if (Number.isInteger(jobs) && jobs > 0) return jobs;
  throw new InvalidArgumentError("expected a whole number above 0.");
}

async function toOptions(
  { args, options }: Invocation,
  context: CliContext,
): Promise<ReproduceOptions> {
  const isSet = (name: string) => options[name] === true;
  const runCache = options["runCache"] !== false;
  const isAsked = isSet("interactive") && !isSet("dry");
  const jobs = typeof options["jobs"] === "number" ? options["jobs"] : availableParallelism();
  return {
    folder: context.cwd,
    targets: args,
    force: isSet("force"),
    forceDownstream: isSet("forceDownstream"),
    singleItem: isSet("singleItem"),
    pipeline: isSet("pipeline"),
    allPipelines: isSet("allPipelines"),
    downstream: isSet("downstream"),
    recursive: isSet("recursive"),
    glob: isSet("glob"),
    dry: isSet("dry"),
    onError: isSet("ignoreErrors") ? "ignore" : isSet("keepGoing") ? "keep-going" : "stop",
    commit: options["commit"] !== false,
    runCache,
    allowMissing: isSet("allowMissing"),
    confirm: isAsked ? (stage) => context.confirm(question(stage)) : null,
    bring: isSet("pull") && !isSet("dry") ? await openBringer(runCache, context) : null,
    jobs: isAsked ? 1 : jobs, // one question at a time
    env: context.env,
    installation: { node: process.execPath, script: packageFile("bin/duetmind.js") },
    output: { fd: 2, write: (text) => context.log.write(text) },
    lockWaitMs: CLAIM_WAIT_MS,
  };
}

function question(stage: string): string {
  return `Going to reproduce stage '${stage}'. Are you sure you want to continue?`;
}

/** What talks to remotes is loaded only when it is asked for. */
async function openBringer(withRuns: boolean, context: CliContext) {
  const bringer = await import("../bring-missing.ts");
  return bringer.openBringer(withRuns, context);
}

/** With --json the document says what ran before the failure; a person reads that above the error. */
function failed(
  report: ReproduceReport,
  failure: string,
  withDetail: boolean,
  json: boolean,
): CommandResult {
  const error = new DuetMindError("STAGE_FAILED", failure, {
    hint: "stages before it are done and stay done: correct it and run `duetmind reproduce` again",
  });
  if (!json) throw error;
  return { json: { ...toJson(report, withDetail), error: error.toJSON() }, text: "", exitCode: 1 };
}

/** The document of cli.md, section 4; `changes` only with --why. */
function toJson(report: ReproduceReport, withDetail: boolean) {
  return {
    ok: report.ok,
    dry: report.dry,
    stages: report.stages.map(({ stage, state, changes, exitCode, seconds }) => ({
      stage,
      state,
      why: changes.map(({ what }) => what),
      ...(withDetail
        ? { changes: changes.map(({ what, before, after }) => ({ what, before, after })) }
        : {}),
      exit_code: exitCode,
      seconds,
    })),
    lock_changed: report.lockChanged,
  };
}

function toText(report: ReproduceReport, withDetail: boolean): string {
  const lines = report.stages.map(({ stage, state, changes, seconds }) => {
    const time = seconds === null ? "" : ` in ${seconds.toFixed(1)} s`;
    const word = state === "unchanged" ? "did not change" : state.replace("_", " ");
    if (withDetail) {
      return [`${stage}: ${word}${time}`, ...changes.map((one) => `  ${describeChange(one)}`)].join(
        "\n",
      );
    }
    const reason = changes.length === 0 ? "" : ` (${changes.map(({ what }) => what).join("; ")})`;
    return `${stage}: ${word}${time}${reason}`;
  });
  const isUpToDate = report.stages.every(({ state }) => state === "unchanged");
  return [...lines, ...(isUpToDate ? ["Data and pipelines are up to date."] : [])].join("\n");
}

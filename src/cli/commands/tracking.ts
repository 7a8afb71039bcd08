import { DuetMindError } from "../../core/errors.ts";
import { toTable } from "../../core/text-table.ts";
import { actorOf } from "../../pipelines/register-actor.ts";
import { loadServerProject } from "../../pipelines/server-project.ts";
import { openDatabase } from "../../store/database.ts";
import { deleteGarbage, findGarbage, type Garbage } from "../../tracking/collect-garbage.ts";
import { toExperimentId } from "../../tracking/experiments.ts";
import { toGarbageJson } from "../../tracking/garbage-json.ts";
import type { CommandDefinition } from "../command.ts";
import { mirror } from "./tracking-mirror.ts";

const JSON_SHAPE = `
What a version of a registered model points at is kept, and so is a run with metrics of a logged model
that stays. Names of experiments become free. The bytes of files stay in the object store, where other
names may stand for the same bytes.

With --json:
  {"deleted": true with --yes, "before": time,
   "runs": [{"run_id", "experiment_id", "deleted_at"}],
   "logged_models": [{"model_id", "experiment_id", "deleted_at"}],
   "experiments": [{"experiment_id", "name", "deleted_at"}],
   "files": count, "size_bytes": their sum,
   "kept": [{"kind": "run" | "model" | "experiment", "id", "reason"}],
   "elsewhere": [URIs of files outside of this server, which stay]}`;

const gc: CommandDefinition = {
  name: "gc",
  summary: "Delete for good what was deleted longer ago; without --yes only say what",
  examples: [
    "duetmind tracking gc",
    "duetmind tracking gc --older-than 7d --yes",
    "duetmind tracking gc --experiment-ids 3,4 --json",
  ],
  configure: (command) => {
    command
      .option("--older-than <time>", "since when it is deleted, such as 30d or 12h30m", "30d")
      .option("--run-ids <ids>", "comma list: these runs alone")
      .option("--experiment-ids <ids>", "comma list: these experiments and what is in them")
      .option("--dry-run", "say what would be deleted, which is the default")
      .option("--yes", "delete it")
      .addHelpText("after", JSON_SHAPE);
  },
  async run({ options }, { cwd, env: given, effects }) {
    if (options["yes"] === true && options["dryRun"] === true) {
      throw new DuetMindError("USAGE", "tracking gc: expected --yes or --dry-run, got both");
    }
    const deletes = options["yes"] === true;
    const before = new Date(effects.clock.now().getTime() - toMs(options["olderThan"] as string));
    const runIds = commaList(options["runIds"]);
    const experimentIds = commaList(options["experimentIds"])?.map(toExperimentId);
    const { root, env, database: params } = await loadServerProject(cwd, given, effects);
    const database = await openDatabase({ root, env, params, effects });
    try {
      const garbage = await findGarbage(database.kysely, { before, runIds, experimentIds });
      if (deletes) await deleteGarbage(database, garbage, before, actorOf(env), effects.clock);
      return { json: toGarbageJson(garbage, deletes, before), text: toText(garbage, deletes) };
    } finally {
      await database.close();
    }
  },
};

export const command: CommandDefinition = {
  name: "tracking",
  summary: "Look after what the tracking server keeps",
  examples: [...gc.examples, ...mirror.examples],
  subcommands: [gc, mirror],
};

function toText(garbage: Garbage, deleted: boolean): string {
  const { runs, models, experiments, files, sizeBytes, kept, elsewhere } = garbage;
  const nothing = runs.length + models.length + experiments.length === 0;
  const counts = [
    `${runs.length} runs, ${models.length} logged models, ${experiments.length} experiments`,
    `${files} files of ${sizeBytes} bytes`,
  ].join(" and ");
  const lines = [
    nothing ? "nothing to delete" : `${deleted ? "deleted" : "would delete"} ${counts}`,
    ...(kept.length === 0
      ? []
      : [
          "",
          toTable(
            ["kept", "id", "because"],
            kept.map((one) => [one.kind, one.id, one.reason]),
          ),
        ]),
    ...elsewhere.map((uri) => `not touched: ${uri} is kept outside of this server`),
    ...(nothing || deleted ? [] : ["", "next: the same command with --yes"]),
  ];
  return lines.join("\n");
}

function commaList(value: unknown): string[] | undefined {
  if (typeof value !== "string") return undefined;
  return value.split(",").flatMap((part) => (part.trim() === "" ? [] : [part.trim()]));
}

const SECOND_MS = 1000;

/** Days, hours, minutes and seconds, as `mlflow gc` takes them. */
function toMs(text: string): number {
  const match = /^(?=\d)(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?$/.exec(text);
  const [days, hours, minutes, seconds] = (match ?? []).slice(1).map((part) => Number(part ?? 0));
  const ms = (((days! * 24 + hours!) * 60 + minutes!) * 60 + seconds!) * SECOND_MS;
  if (match !== null && ms <= 100 * 365 * 24 * 3600 * SECOND_MS) return ms;
  throw new DuetMindError(
    "USAGE",
    `--older-than: expected a time of at most 100 years such as 30d or 12h30m, got "${text}"`,
  );
}

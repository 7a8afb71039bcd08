import { openObjectStore } from "../../artifacts/open-object-store.ts";
import { placeOfArtifacts } from "../../artifacts/params.ts";
import { DuetMindError } from "../../core/errors.ts";
import { toTable } from "../../core/text-table.ts";
import { actorOf } from "../../pipelines/register-actor.ts";
import { loadServerProject } from "../../pipelines/server-project.ts";
import { openDatabase } from "../../store/database.ts";
import { deleteGarbage, findGarbage, type Garbage } from "../../tracking/collect-garbage.ts";
import { toExperimentId } from "../../tracking/experiments.ts";
import type { FreedObjects } from "../../tracking/free-objects.ts";
import { toGarbageJson } from "../../tracking/garbage-json.ts";
import type { CommandDefinition } from "../command.ts";
import { mirror } from "./tracking-mirror.ts";

const JSON_SHAPE = `
What a version of a registered model points at is kept, and so is a run with metrics of a logged model
that stays. Names of experiments become free. Of files the bytes go that no other file and no stage of a
pipeline names, and so do those of files that were deleted or replaced by themselves as long ago. The
place of artifacts belongs to one database: what another one keeps there is not known here.

With --json:
  {"deleted": true with --yes, "before": time,
   "runs": [{"run_id", "experiment_id", "deleted_at"}],
   "logged_models": [{"model_id", "experiment_id", "deleted_at"}],
   "experiments": [{"experiment_id", "name", "deleted_at"}],
   "files": count, "size_bytes": their sum,
   "objects": count of contents that nothing names then, "freed_bytes": their sum,
   "missing_objects": those that were not in the place of artifacts,
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
      .option(
        "--artifacts <url>",
        "the place that serve was given: file:FOLDER or s3://BUCKET/PREFIX",
      )
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
    const project = await loadServerProject(cwd, given, effects);
    const { root, env, database: params } = project;
    const artifacts = placeOfArtifacts(project.artifacts, options["artifacts"]);
    const store = openObjectStore(artifacts, root, env, effects);
    const database = await openDatabase({ root, env, params, effects });
    try {
      const garbage = await findGarbage(database.kysely, { before, runIds, experimentIds });
      const freed = deletes
        ? await deleteGarbage(database, store, garbage, before, actorOf(env), effects.clock)
        : undefined;
      return { json: toGarbageJson(garbage, before, freed), text: toText(garbage, freed) };
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

function toText(garbage: Garbage, freed: FreedObjects | undefined): string {
  const { runs, models, experiments, files, sizeBytes, kept, elsewhere } = garbage;
  const { objects, sizeBytes: freedBytes } = freed ?? garbage.freed;
  const missing = freed?.missing ?? 0;
  const nothing = runs.length + models.length + experiments.length + objects + missing === 0;
  const counts = [
    `${runs.length} runs, ${models.length} logged models, ${experiments.length} experiments`,
    `${files} files of ${sizeBytes} bytes`,
  ].join(" and ");
  const lines = [
    nothing ? "nothing to delete" : `${freed ? "deleted" : "would delete"} ${counts}`,
    ...(objects === 0
      ? []
      : [`${freed ? "freed" : "would free"} ${freedBytes} bytes, which nothing else names`]),
    ...(missing === 0
      ? []
      : [`${missing} contents are not in this place of artifacts: --artifacts names another`]),
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
    ...(nothing || freed ? [] : ["", "next: the same command with --yes"]),
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

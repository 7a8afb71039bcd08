import { DuetMindError } from "../../core/errors.ts";
import { toTable } from "../../core/text-table.ts";
import { retryDeliveries } from "../../events/delivery-queries.ts";
import { mirrorRuns } from "../../pipelines/mirror-runs.ts";
import { loadServerProject } from "../../pipelines/server-project.ts";
import { openDatabase } from "../../store/database.ts";
import { isMirrored, MIRROR } from "../../tracking/mirror-variables.ts";
import type { CommandDefinition } from "../command.ts";

const JSON_SHAPE = `
With --json:
  {"mirrored": count, "waiting": [{"run_id", "state": "waiting" | "failed", "attempts", "reason"}]}
Exit 1 when a run is not there at the end.`;

export const mirror: CommandDefinition = {
  name: "mirror",
  summary: "Bring the runs that wait to the MLflow server that MLFLOW_TRACKING_URI names, now",
  examples: ["duetmind tracking mirror", "duetmind tracking mirror --timeout 60 --json"],
  configure: (command) => {
    command
      .option("--timeout <seconds>", "how long it may take", "600")
      .addHelpText("after", JSON_SHAPE);
  },
  async run({ options }, { cwd, env: given, effects }) {
    const timeoutMs = toMs(options["timeout"] as string);
    const project = await loadServerProject(cwd, given, effects);
    const { root, env, database: params, artifacts } = project;
    if (!isMirrored(env)) {
      throw new DuetMindError(
        "USAGE",
        "tracking mirror: expected MLFLOW_TRACKING_URI to name a server, got none",
        { hint: "runs that are registered while it is set are mirrored to it" },
      );
    }
    const database = await openDatabase({ root, env, params, effects });
    try {
      const { kysely: db } = database;
      const wanted = await retryDeliveries(db, MIRROR, effects.clock.now());
      const waiting = await mirrorRuns(db, { root, env, artifacts }, timeoutMs, effects);
      const mirrored = wanted - waiting.length;
      const rows = waiting.map((run) => [run.run_id, run.state, run.reason ?? "not tried yet"]);
      const text =
        wanted === 0 ? "every run is mirrored" : `${mirrored} of ${wanted} runs mirrored`;
      return {
        json: { schema_version: 1, mirrored, waiting },
        text: rows.length === 0 ? text : `${text}\n\n${toTable(["run", "state", "reason"], rows)}`,
        exitCode: waiting.length === 0 ? 0 : 1,
      };
    } finally {
      await database.close();
    }
  },
};

function toMs(text: string): number {
  const seconds = Number(text);
  if (/^\d+$/.test(text) && seconds >= 1 && seconds <= 86_400) return seconds * 1000;
  throw new DuetMindError("USAGE", `--timeout: expected 1 to 86400 seconds, got "${text}"`);
}

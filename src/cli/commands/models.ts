import { toTable } from "../../core/text-table.ts";
import { loadBaseProject } from "../../pipelines/project.ts";
import { withDatabase } from "../../pipelines/register-database.ts";
import { requireModelVersion } from "../../pipelines/register-resolve.ts";
import { listModelVersions, type ModelVersionRow } from "../../registry/model-queries.ts";
import type { Performance } from "../../registry/performance.ts";
import type { CommandDefinition } from "../command.ts";

export const command: CommandDefinition = {
  name: "models",
  summary: "List the registered versions of every model, or of one",
  examples: ["duetmind models", "duetmind models alzheimer --json"],
  configure: (command) => {
    command.argument("[name]", "list the versions of this model only");
  },
  async run({ args }, { cwd, env, effects }) {
    const project = await loadBaseProject(cwd, env, effects);
    const name = args[0];
    const rows = await withDatabase(project, effects, async (db) => {
      const found = await listModelVersions(db, name);
      if (name !== undefined && found.length === 0) {
        await requireModelVersion(db, { name, version: undefined });
      }
      return found;
    });
    const models = rows.map(toJson);
    return {
      json: { schema_version: 1, models },
      text:
        models.length === 0
          ? "no model is registered yet; next: duetmind reproduce"
          : toTable(
              ["model", "status", ...metricNames(models), "registered", "why"],
              models.map((model) => [
                `${model.name}@${model.version}`,
                model.status,
                ...metricNames(models).map((metric) => fixed(model.metrics[metric])),
                model.created_at.slice(0, 16).replace("T", " "),
                model.reasons.join("; "),
              ]),
            ),
    };
  },
};

function toJson(row: ModelVersionRow) {
  const test = (row.performance_metrics as Performance)["test"] ?? {};
  return {
    name: row.name,
    version: row.version,
    status: row.status,
    reasons: row.status_reasons as string[],
    run_id: row.mlflow_run_id,
    feature_hash: row.feature_hash,
    created_at: row.created_at.toISOString(),
    created_by: row.created_by,
    /** Measured on the test split. */
    metrics: Object.fromEntries(
      Object.entries(test).map(([metric, { value }]) => [metric, value]),
    ) as Record<string, number | null>,
  };
}

const HEADLINES = ["accuracy", "roc_auc", "rmse", "r2"];

/** The headline metrics that any of the models has. */
function metricNames(models: readonly ReturnType<typeof toJson>[]): string[] {
  return HEADLINES.filter((metric) => models.some(({ metrics }) => metric in metrics));
}

function fixed(value: number | null | undefined): string {
  return value == null ? "" : value.toFixed(4);
}

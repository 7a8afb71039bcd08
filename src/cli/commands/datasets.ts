import { toTable } from "../../core/text-table.ts";
import { loadBaseProject } from "../../pipelines/project.ts";
import { withDatabase } from "../../pipelines/register-database.ts";
import { listDatasets, qualityScores } from "../../registry/dataset-queries.ts";
import type { CommandDefinition } from "../command.ts";
import { datasetsShow } from "./datasets-show.ts";

export const command: CommandDefinition = {
  name: "datasets",
  summary: "List the registered versions of every dataset",
  examples: ["duetmind datasets", "duetmind datasets show patients", "duetmind datasets --json"],
  subcommands: [datasetsShow],
  async run(_invocation, { cwd, env, effects }) {
    const project = await loadBaseProject(cwd, env, effects);
    const datasets = await withDatabase(project, effects, async (db) => {
      const scores = await qualityScores(db);
      return (await listDatasets(db)).map(({ id, ...row }) => ({
        ...row,
        quality_score: scores.get(id) ?? null,
      }));
    });
    return {
      json: { schema_version: 1, datasets },
      text:
        datasets.length === 0
          ? "no dataset is registered yet; next: duetmind data"
          : toTable(
              ["dataset", "kind", "rows", "columns", "quality", "registered"],
              datasets.map((row) => [
                `${row.name}@${row.version}`,
                row.kind,
                String(row.row_count),
                String(row.column_count),
                row.quality_score === null ? "" : row.quality_score.toFixed(4),
                row.created_at.toISOString().slice(0, 16).replace("T", " "),
              ]),
            ),
    };
  },
};

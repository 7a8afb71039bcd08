import { toTable } from "../../core/text-table.ts";
import type { DatasetRecord } from "../../pipelines/data-record.ts";
import { type DataResult, runData } from "../../pipelines/data-stage.ts";
import { noteIngestRuns } from "../../pipelines/ingest-journal.ts";
import { type BaseProject, loadBaseProject } from "../../pipelines/project.ts";
import { registerAfterStage } from "../../pipelines/register-after-stage.ts";
import type { CommandDefinition } from "../command.ts";
import { loadFrugalDuckDb } from "../load-duckdb.ts";
import { setOption } from "../options.ts";
import { command as status } from "./data-status.ts";

/** Reading CSV peaks a tenth higher with what a thirtieth of a second keeps. */
const KEEP_MS = 0;

export const command: CommandDefinition = {
  name: "data",
  summary: "Read the sources into data/raw, check their contracts, register the datasets",
  examples: ["duetmind data", "duetmind data --full-refresh", "duetmind data --json"],
  subcommands: [status],
  configure(command) {
    command.addOption(setOption()).option("--full-refresh", "read all sources from the beginning");
  },
  async run({ options }, { cwd, env, effects }) {
    const startedAt = effects.clock.now();
    const set = options["set"] as readonly string[];
    const project = await loadBaseProject(cwd, env, effects, { set });
    const fullRefresh = options["fullRefresh"] === true;
    await loadFrugalDuckDb(KEEP_MS);
    const result = await runData(project, effects, { fullRefresh });
    await noteIngestRuns(project, result.runs, effects);
    const { registered, deferred } = await registerAfterStage(
      project,
      {
        stage: "data",
        recordPath: result.recordPath,
        journal: { command: "duetmind data", startedAt },
      },
      effects,
    );
    const versions = new Map(registered.map((item) => [item.name, item.version]));
    return {
      json: {
        schema_version: 1,
        changed: result.ingested.length > 0,
        record: result.recordPath,
        registered: !deferred,
        datasets: result.record.datasets.map((dataset) => ({
          ...dataset,
          ingested: result.ingested.includes(dataset.name),
          version: versions.get(dataset.name) ?? null,
        })),
        runs: result.runs,
      },
      text: `${toText(result, versions)}\nNext: ${nextCommand(project, result)}`,
    };
  },
};

function toText(result: DataResult, versions: ReadonlyMap<string, number | string>): string {
  const { record, ingested } = result;
  if (ingested.length === 0) {
    const names = record.datasets.map((dataset) => dataset.name).join(", ");
    return `Nothing new: ${names} as recorded in ${result.recordPath}.`;
  }
  return toTable(
    ["dataset", "version", "rows", "columns", "missing", "duplicates", "score", "contract", "file"],
    record.datasets.map((dataset) => toRow(dataset, versions)),
  );
}

function nextCommand({ params }: BaseProject, { record }: DataResult): string {
  if (params.features !== undefined) return "duetmind features";
  return `duetmind profile ${record.datasets[0]!.name}`;
}

function toRow(
  { name, row_count, column_count, quality, contract, path }: DatasetRecord,
  versions: ReadonlyMap<string, number | string>,
): string[] {
  return [
    name,
    String(versions.get(name) ?? "-"),
    String(row_count),
    String(column_count),
    String(quality.missing_cells),
    String(quality.duplicate_rows),
    quality.score.toFixed(4),
    contract === null ? "none" : contract.warnings > 0 ? `${contract.warnings} warnings` : "holds",
    path,
  ];
}

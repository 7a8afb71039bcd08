import { DuetMindError } from "../../core/errors.ts";
import { toTable } from "../../core/text-table.ts";
import {
  type DatasetCard,
  type DatasetDiff,
  datasetCard,
  datasetDiff,
} from "../../pipelines/dataset-card.ts";
import { importIngestRuns } from "../../pipelines/ingest-journal.ts";
import { loadBaseProject } from "../../pipelines/project.ts";
import { withDatabase } from "../../pipelines/register-database.ts";
import { parseVersionReference } from "../../pipelines/register-resolve.ts";
import type { SchemaChange } from "../../registry/schema-changes.ts";
import type { CommandDefinition } from "../command.ts";

export const datasetsShow: CommandDefinition = {
  name: "show",
  summary: "Print a dataset: versions, quality over time, columns, lineage, runs of its ingest",
  examples: [
    "duetmind datasets show patients",
    "duetmind datasets show patients@2 --json",
    "duetmind datasets show patients --diff 1 2",
  ],
  configure: (command) => {
    command
      .argument("<dataset>", "NAME@VERSION, or NAME for the newest version")
      .option("--diff <versions...>", "how two versions differ, such as --diff 1 2");
  },
  async run({ args, options }, { cwd, env, effects }) {
    const { name, version } = parseVersionReference(args[0]!, "dataset");
    const versions = parseDiff(options["diff"]);
    const project = await loadBaseProject(cwd, env, effects);
    return withDatabase(project, effects, async (db) => {
      await importIngestRuns(project, db, effects);
      if (versions !== undefined) {
        const diff = await datasetDiff(db, name, versions);
        return { json: diff, text: toDiffText(diff) };
      }
      const card = await datasetCard(db, name, version);
      return { json: card, text: toCardText(card) };
    });
  },
};

function parseDiff(words: unknown): [number, number] | undefined {
  if (words === undefined) return undefined;
  const versions = (words as string[]).map((word) => word.replace(/^.*@/, ""));
  if (versions.length === 2 && versions.every((word) => /^\d{1,9}$/.test(word))) {
    return versions.map(Number) as [number, number];
  }
  throw new DuetMindError(
    "USAGE",
    `--diff: expected two versions, such as --diff 1 2, got ${(words as string[]).join(" ")}`,
  );
}

function toCardText({ dataset, columns, lineage, versions, runs }: DatasetCard): string {
  const { made_from, feature_views, datasets, models } = lineage;
  const used = [
    ...feature_views.map((view) => `feature view ${view.name}@${view.version}`),
    ...datasets.map((one) => `dataset ${one.name}@${one.version}`),
    ...models.map((one) => `model ${one.name}@${one.version} (${one.status})`),
  ];
  return [
    `${dataset.name}@${dataset.version}  ${dataset.kind}  ${dataset.row_count} rows × ${dataset.column_count} columns  ${dataset.file_path}`,
    `${dataset.content_sha256}`,
    `registered ${dataset.created_at} by ${dataset.created_by}`,
    ...(made_from.length === 0
      ? []
      : [`made from ${made_from.map((one) => `${one.name}@${one.version}`).join(", ")}`]),
    ...(used.length === 0 ? [] : [`used by ${used.join(", ")}`]),
    "",
    "Versions",
    toTable(
      ["version", "registered", "rows", "quality", "missing", "duplicates", "columns changed"],
      versions.map((one) => [
        `@${one.version}`,
        minute(one.created_at),
        String(one.row_count),
        one.quality["score"]?.toFixed(4) ?? "",
        String(one.quality["missing_cells"] ?? ""),
        String(one.quality["duplicate_rows"] ?? ""),
        one.schema_changes.map(toChangeText).join("; "),
      ]),
    ),
    "",
    "Columns",
    toTable(
      ["column", "type", "missing", "distinct", "min", "max", "mean"],
      columns.map((column) =>
        ["name", "type", "missing", "distinct", "min", "max", "mean"].map((key) =>
          toCell(
            column["masked"] === true && (key === "min" || key === "max") ? "***" : column[key],
          ),
        ),
      ),
    ),
    ...(runs.length === 0
      ? []
      : [
          "",
          "Runs of the ingest, the newest first",
          toTable(
            ["started", "seconds", "read", "added", "rejected", "bytes", "watermark"],
            runs.map((run) => [
              minute(run.started_at),
              ((Date.parse(run.ended_at) - Date.parse(run.started_at)) / 1000).toFixed(1),
              String(run.rows_read),
              String(run.rows_added),
              String(run.rows_rejected),
              String(run.bytes_read),
              run.watermark ?? "",
            ]),
          ),
        ]),
  ].join("\n");
}

function toDiffText({ name, a, b, same, schema_changes, column_changes }: DatasetDiff): string {
  if (same) return `${name}@${a.version} and @${b.version} are the same bytes`;
  const score = (quality: Readonly<Record<string, number>>) => quality["score"]?.toFixed(4) ?? "-";
  return [
    `${name}@${a.version} → @${b.version}: ${a.row_count} → ${b.row_count} rows, quality ${score(a.quality)} → ${score(b.quality)}`,
    ...(schema_changes.length === 0
      ? ["the columns are the same"]
      : schema_changes.map(toChangeText)),
    ...(column_changes.length === 0
      ? []
      : [
          "",
          toTable(
            ["column", "measure", `@${a.version}`, `@${b.version}`],
            column_changes.map(({ column, measure, before, after }) => [
              column,
              measure,
              toCell(before),
              toCell(after),
            ]),
          ),
        ]),
  ].join("\n");
}

function toChangeText({ kind, column, before, after }: SchemaChange): string {
  if (kind === "added") return `added ${column} (${after})`;
  if (kind === "removed") return `removed ${column} (${before})`;
  return `${kind} ${column} (${before} → ${after})`;
}

function toCell(value: unknown): string {
  if (value === null || value === undefined) return "";
  return typeof value === "number" && !Number.isInteger(value)
    ? value.toPrecision(6)
    : String(value);
}

function minute(iso: string): string {
  return iso.slice(0, 16).replace("T", " ");
}

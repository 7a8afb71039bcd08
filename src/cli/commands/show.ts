import { toTable } from "../../core/text-table.ts";
import { METRIC_NAMES } from "../../models/threshold-params.ts";
import { loadBaseProject } from "../../pipelines/project.ts";
import { withDatabase } from "../../pipelines/register-database.ts";
import { parseVersionReference, requireModelVersion } from "../../pipelines/register-resolve.ts";
import { type ModelCard, modelCard } from "../../registry/model-card.ts";
import type { Measured } from "../../registry/performance.ts";
import type { CommandDefinition } from "../command.ts";

export const command: CommandDefinition = {
  name: "show",
  summary: "Print the card of a model version: lineage, metrics, decision, artifacts",
  examples: ["duetmind show alzheimer@1", "duetmind show alzheimer --json"],
  configure: (command) => {
    command.argument("<model>", "NAME@VERSION, or NAME for the newest version");
  },
  async run({ args }, { cwd, env, effects }) {
    const reference = parseVersionReference(args[0]!);
    const project = await loadBaseProject(cwd, env, effects);
    const card = await withDatabase(project, effects, async (db) =>
      modelCard(db, await requireModelVersion(db, reference)),
    );
    return { json: card, text: toText(card) };
  },
};

function toText(card: ModelCard): string {
  const { datasets, feature_view: view, features, run } = card.lineage;
  const lines = [
    `${card.model}@${card.version}  ${card.status}`,
    ...card.reasons.map((reason) => `  ${reason}`),
    `registered ${card.created_at} by ${card.created_by}`,
    "",
    "Lineage",
    ...datasets.map(
      (d) => `  dataset       ${d.name}@${d.version}  ${d.row_count} rows  ${d.content_sha256}`,
    ),
    ...(view === null
      ? []
      : [`  feature view  ${view.name}@${view.version}  ${view.feature_hash}`]),
    ...(features === null
      ? []
      : [`  features      ${features.name}@${features.version}  ${features.content_sha256}`]),
    ...(run === null ? [] : [`  run           ${run.run_id}  ${describeRun(run)}`]),
    `  model         ${card.model}@${card.version}  ${card.record_digest ?? card.source}`,
    ...(Object.keys(card.metrics).length === 0
      ? []
      : ["", "Metrics (95 % interval)", metricsTable(card)]),
    ...(card.artifacts.length === 0 ? [] : ["", "Artifacts", artifactsTable(card)]),
    // one that no record of ours describes is not known to be a model that predict reads
    ...(card.record_digest === null
      ? []
      : ["", `next: duetmind predict ${card.model}@${card.version} --data FILE --out FILE`]),
  ];
  return lines.join("\n");
}

function artifactsTable(card: ModelCard): string {
  return toTable(
    ["file", "bytes", "sha256"],
    card.artifacts.map(({ path, size_bytes, sha256 }) => [path, String(size_bytes), sha256]),
  );
}

function describeRun(run: NonNullable<ModelCard["lineage"]["run"]>): string {
  const commit =
    run.git_commit === null
      ? ""
      : `, commit ${run.git_commit.slice(0, 12)}${run.git_dirty === true ? " with changes" : ""}`;
  return `experiment ${run.experiment}, by ${run.user}${commit}`;
}

function metricsTable(card: ModelCard): string {
  const splits = ["validation", "test"].filter((split) => split in card.metrics);
  const measured = new Set(splits.flatMap((split) => Object.keys(card.metrics[split] ?? {})));
  // jsonb does not keep the order of keys: first the metrics that have a usual order
  const usual = METRIC_NAMES.filter((metric) => measured.has(metric));
  const metrics = [...new Set<string>([...usual, ...measured])];
  return toTable(
    ["metric", ...splits, "baseline"],
    metrics.map((metric) => [
      metric,
      ...splits.map((split) => withInterval(card.metrics[split]?.[metric])),
      card.metrics["test"]?.[metric]?.baseline?.toFixed(4) ?? "",
    ]),
  );
}

function withInterval(measured: Measured | undefined): string {
  if (measured?.value == null) return "";
  const { value, lower, upper } = measured;
  const interval =
    lower === null || upper === null ? "" : ` [${lower.toFixed(4)}, ${upper.toFixed(4)}]`;
  return `${value.toFixed(4)}${interval}`;
}

import { toTable } from "../../core/text-table.ts";
import type { FeaturesRecord } from "../../pipelines/features-record.ts";
import { runFeatures } from "../../pipelines/features-stage.ts";
import { loadProject } from "../../pipelines/project.ts";
import { registerAfterStage } from "../../pipelines/register-after-stage.ts";
import type { CommandDefinition } from "../command.ts";
import { loadFrugalDuckDb } from "../load-duckdb.ts";
import { setOption } from "../options.ts";

/** A scan of Parquet asks for the pages of the last batch again: given back at once, they cost a third of the time. */
const KEEP_MS = 30;

export const command: CommandDefinition = {
  name: "features",
  summary: "Build features, labels and split from data/raw, register the feature view",
  examples: ["duetmind features", "duetmind features --json"],
  configure(command) {
    command.addOption(setOption());
  },
  async run({ options }, { cwd, env, effects }) {
    const startedAt = effects.clock.now();
    const set = options["set"] as readonly string[];
    const project = await loadProject(cwd, env, effects, { set });
    await loadFrugalDuckDb(KEEP_MS);
    const { record, recordPath, parts } = await runFeatures(project, effects);
    const { registered, deferred } = await registerAfterStage(
      project,
      { stage: "features", recordPath, journal: { command: "duetmind features", startedAt } },
      effects,
    );
    const view = registered.find(({ kind }) => kind === "feature_view");
    return {
      json: {
        schema_version: 1,
        record: recordPath,
        registered: !deferred,
        version: view?.version ?? null,
        parts,
        ...featuresJson(record),
      },
      text: toText(record, view?.version),
    };
  },
};

function featuresJson(record: FeaturesRecord) {
  const { view, target, rows, subjects, dropped, contracts, outputs } = record;
  const { definition: _, ...hashes } = view;
  return { view: hashes, target, rows, subjects, dropped, contracts, outputs };
}

function toText(record: FeaturesRecord, version: number | string | undefined): string {
  const { view, rows, subjects, target, dropped, outputs } = record;
  const splits = toTable(
    ["split", "rows", "subjects"],
    (["train", "validation", "test"] as const).map((split) => [
      split,
      String(rows.by_split[split]),
      String(subjects[split]),
    ]),
  );
  const list = view.feature_list;
  const columns =
    list.length > 12
      ? `${list.slice(0, 12).join(", ")} and ${list.length - 12} more`
      : list.join(", ");
  const classes = target.classes === null ? target.type : target.classes.map(String).join(", ");
  return [
    `${view.name}${version === undefined ? "" : `@${version}`}: ${list.length} features of ${record.inputs.map(({ name }) => name).join(", ")} → ${outputs[0]!.path}`,
    `columns  ${columns}`,
    `target   ${target.column} (${classes})`,
    ...(rows.without_target === 0
      ? []
      : [`left out ${rows.without_target} of ${rows.total} rows, which have no target`]),
    ...dropped.map(({ column, reason }) => `dropped  ${column}: ${reason}`),
    splits,
    `feature hash  ${view.feature_hash}`,
    `fit hash      ${view.fit_hash}`,
    `schema hash   ${view.schema_hash}`,
    `data digest   ${outputs[0]!.data_digest}`,
    "Next: duetmind train",
  ].join("\n");
}

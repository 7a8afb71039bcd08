import { resolve } from "node:path";
import { DuetMindError } from "../../core/errors.ts";
import { toTable } from "../../core/text-table.ts";
import { runPredict } from "../../pipelines/predict-file.ts";
import { openPredictor } from "../../pipelines/predict-open.ts";
import { DATA_FORMATS, type DataFormat } from "../../table/source-params.ts";
import type { CommandDefinition } from "../command.ts";

export const command: CommandDefinition = {
  name: "predict",
  summary: "Score a raw file with a registered model",
  examples: [
    "duetmind predict alzheimer@1 --data new-patients.csv --out predictions.parquet",
    "duetmind predict models/alzheimer/model --data new.csv --out scores.csv --keep patient_id --json",
  ],
  configure: (command) => {
    command
      .argument("<model>", "NAME, NAME@VERSION, NAME@latest, or a model folder")
      .requiredOption("--data <file>", "raw rows: .csv, .tsv, .parquet, .json or .ndjson")
      .requiredOption("--out <file>", "predictions: .parquet, .csv, .tsv or .ndjson")
      .option("--format <format>", "format of --data where its name does not tell it")
      .option("--keep <columns...>", "columns of the file to write beside the predictions");
  },
  async run({ args, options }, { cwd, env, effects }) {
    const model = await openPredictor(args[0]!, cwd, env, effects);
    const output = resolve(cwd, options["out"] as string);
    const summary = await runPredict(
      {
        predictor: model.predictor,
        source: {
          path: resolve(cwd, options["data"] as string),
          format: toFormat(options["format"]),
          csv: model.csv,
        },
        output,
        keep: (options["keep"] as readonly string[] | undefined) ?? [],
      },
      effects,
    );
    const counts = Object.entries(summary.counts ?? {});
    const table = toTable(
      ["predicted", "rows"],
      counts.map(([label, count]) => [label, String(count)]),
    );
    return {
      json: {
        ...{ schema_version: 1, model: model.label, data: options["data"], output: options["out"] },
        ...{ row_count: summary.rowCount, columns: summary.columns, predicted: summary.counts },
      },
      text: `${model.label}: ${summary.rowCount} rows scored to ${options["out"]}\n${
        counts.length === 0 ? "" : `\n${table}`
      }`,
    };
  },
};

function toFormat(text: unknown): DataFormat | undefined {
  const format = DATA_FORMATS.find((known) => known === text);
  if (text === undefined || format !== undefined) return format;
  throw new DuetMindError("USAGE", `--format: expected ${DATA_FORMATS.join(", ")}, got "${text}"`);
}

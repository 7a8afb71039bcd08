import { resolve } from "node:path";
import { isS3Address } from "../../artifacts/s3-address.ts";
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
    'duetmind predict alzheimer@1 --data "s3://clinic/new/site={site}/*.csv" --out predictions.parquet',
  ],
  configure: (command) => {
    command
      .argument("<model>", "NAME, NAME@VERSION, NAME@latest, or a model folder")
      .requiredOption(
        "--data <file>",
        "raw rows, as the path of a source: a file, folder or glob, also s3://BUCKET/KEY",
      )
      .requiredOption("--out <file>", "predictions: .parquet, .csv, .tsv or .ndjson")
      .option("--format <format>", "format of --data where its name does not tell it")
      .option("--keep <columns...>", "columns of the file to write beside the predictions");
  },
  async run({ args, options }, { cwd, env, effects }) {
    const model = await openPredictor(args[0]!, cwd, env, effects);
    const data = options["data"] as string;
    const output = resolve(cwd, options["out"] as string);
    const summary = await runPredict(
      {
        predictor: model.predictor,
        source: {
          path: isS3Address(data) ? data : resolve(cwd, data),
          format: toFormat(options["format"]),
          csv: model.csv,
        },
        bucket: model.bucket,
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
        ...{ schema_version: 1, model: model.label, data, output: options["out"] },
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

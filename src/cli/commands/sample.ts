import { resolve } from "node:path";
import { type Command, Option } from "commander";
import { z } from "zod";
import { DuetMindError } from "../../core/errors.ts";
import { digestFile } from "../../core/hash.ts";
import { parseWith } from "../../core/parse.ts";
import type { CohortOptions } from "../../sample/alzheimer-cohort.ts";
import { PRESETS } from "../../sample/alzheimer-model.ts";
import { COHORT_COLUMNS, writeCohort } from "../../sample/write-cohort.ts";
import type { CommandDefinition } from "../command.ts";

const number = z.coerce.number("expected a number");
const sampleOptions = z.object({
  rows: z.coerce.number("expected a number").int("expected a whole number").min(1),
  seed: number.int("expected a whole number"),
  preset: z.enum(PRESETS),
  period: z.string().regex(/^\d{4}-\d\d-\d\d\.\.\d{4}-\d\d-\d\d$/, "expected FROM..TO as dates"),
  siteShift: number,
  assayShift: number,
  labelShift: number,
  out: z.string().min(1),
});

const alzheimer: CommandDefinition = {
  name: "alzheimer",
  summary: "Write a synthetic Alzheimer cohort as CSV (no real patient is in it)",
  examples: [
    "duetmind sample alzheimer --rows 4000 --out patients.csv",
    "duetmind sample alzheimer --preset hard --seed 7 --out hard.csv",
    "duetmind sample alzheimer --assay-shift 1 --label-shift 0.5 --out drifted.csv",
  ],
  configure(command: Command) {
    command
      .option("--rows <n>", "visits", "4000")
      .option("--seed <n>", "the same seed gives the same bytes", "42")
      .addOption(
        new Option("--preset <name>", "hard: years before dementia, fails the default gate")
          .choices(PRESETS)
          .default("default"),
      )
      .option("--period <from..to>", "days of the first visits", "2022-01-01..2024-12-31")
      .option("--site-shift <sd>", "sites differ in brain volume", "0")
      .option("--assay-shift <sd>", "brain volume measured otherwise", "0")
      .option("--label-shift <log odds>", "more, or fewer, patients with the disease", "0")
      .requiredOption("--out <file>", "CSV file to write");
  },
  async run({ options }, { cwd, effects }) {
    const given = parseWith(sampleOptions, options, "sample alzheimer", { code: "USAGE" });
    const cohort: CohortOptions = { ...given, period: parsePeriod(given.period) };
    const path = resolve(cwd, given.out);
    const best = await writeCohort(path, given.rows, cohort, effects);
    const { digest, sizeBytes } = digestFile(path);
    return {
      json: {
        schema_version: 1,
        path: given.out,
        synthetic: true,
        rows: given.rows,
        columns: COHORT_COLUMNS,
        sha256: digest,
        size_bytes: sizeBytes,
        prevalence: best.prevalence,
        best_possible: { accuracy: best.accuracy, roc_auc: best.rocAuc },
      },
      text: [
        `${given.out}: ${given.rows} visits of synthetic patients (preset ${given.preset}, seed ${given.seed})`,
        `best possible model: accuracy ${best.accuracy.toFixed(3)}, ROC AUC ${best.rocAuc.toFixed(3)} (from the generator's own probabilities)`,
      ].join("\n"),
    };
  },
};

const DAY_MS = 86_400_000;

function parsePeriod(text: string): CohortOptions["period"] {
  const [firstDay = Number.NaN, lastDay = Number.NaN] = text
    .split("..")
    .map((day) => Date.parse(`${day}T00:00:00Z`) / DAY_MS);
  if (firstDay <= lastDay) return { firstDay, lastDay };
  throw new DuetMindError(
    "USAGE",
    `--period: expected two days of the calendar, the first not after the last, got "${text}"`,
  );
}

export const command: CommandDefinition = {
  name: "sample",
  summary: "Write synthetic data to try things with",
  examples: alzheimer.examples,
  subcommands: [alzheimer],
};

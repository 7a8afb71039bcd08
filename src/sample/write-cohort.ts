import { open } from "node:fs/promises";
import type { Effects } from "../core/effects.ts";
import { throwIfInterrupted } from "../core/interrupted.ts";
import { type CohortOptions, type CohortRow, generateCohort } from "./alzheimer-cohort.ts";
import { GENOTYPES, SITES } from "./alzheimer-model.ts";
import { createTruth } from "./alzheimer-truth.ts";
import { type BestPossible, createBestPossible } from "./best-possible.ts";

export const COHORT_COLUMNS = [
  ...["patient_id", "visit_date", "site", "age", "gender", "education_level", "mmse_score"],
  ...["apoe_genotype", "family_history", "cognitive_test_1", "cognitive_test_2", "brain_volume"],
  "diagnosis",
] as const;

const CHUNK_CHARACTERS = 1 << 20;

/** Writes the first rows of a cohort as CSV, a megabyte at a time, and says what can be learnt from it. */
export async function writeCohort(
  path: string,
  rowCount: number,
  options: CohortOptions,
  effects: Effects,
): Promise<BestPossible> {
  const truth = createTruth(options);
  const best = createBestPossible();
  const task = effects.progress.start("sample", rowCount, "rows");
  await effects.files.publish(path, async (temporary) => {
    const file = await open(temporary, "w");
    try {
      let text = `${COHORT_COLUMNS.join(",")}\n`;
      let written = 0;
      const rows = generateCohort(options);
      for (let i = 1; i <= rowCount; i++) {
        const row = rows.next().value;
        best.add(truth(row));
        text += toLine(row);
        if (text.length < CHUNK_CHARACTERS && i < rowCount) continue;
        await file.write(text);
        text = "";
        task.advance(i - written);
        written = i;
        throwIfInterrupted(effects.signal);
      }
    } finally {
      await file.close();
    }
  });
  task.done(`${rowCount} rows`);
  return best.result();
}

function toLine(row: CohortRow): string {
  const cells = [
    `P${String(row.patientId).padStart(7, "0")}`,
    isoDay(row.visitDay),
    SITES[row.site]!,
    row.age,
    row.isFemale ? "female" : "male",
    row.education,
    row.mmse,
    row.genotype === null ? null : GENOTYPES[row.genotype]!,
    row.familyHistory,
    row.recall,
    row.trail,
    row.brainVolume,
    row.diagnosis,
  ];
  return `${cells.map((cell) => cell ?? "").join(",")}\n`;
}

const DAY_MS = 86_400_000;

function isoDay(day: number): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 10);
}

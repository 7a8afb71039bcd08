import { exp, log, sigmoid } from "../core/math.ts";
import {
  brainShift,
  type CohortOptions,
  type CohortRow,
  expectedBrain,
  riskOf,
} from "./alzheimer-cohort.ts";
import {
  BRAIN,
  EDUCATION,
  EDUCATION_SHARES,
  FAMILY_HISTORY_SHARE,
  GENOTYPE_SHARES,
  type ImpairmentStage,
  impairmentStages,
} from "./alzheimer-model.ts";

/**
 * The generator's own probability of disease, given what one row shows: Bayes' rule over the stages,
 * with the chance of each rounded and cut test value, missing risk factors averaged over their shares
 * and missing tests left out. No model can know more from a row.
 */
export function createTruth(options: CohortOptions): (row: CohortRow) => number {
  const stages = impairmentStages(options.preset);
  return (row) => {
    const prior = priorOf(row, options.labelShift);
    const unshifted =
      row.brainVolume === null ? null : row.brainVolume - brainShift(row.site, options);
    let sick = 0;
    let well = 0;
    for (const stage of stages) {
      const chance = stage.share * testsGiven(stage, row, unshifted);
      if (stage.diseased) sick += chance;
      else well += chance;
    }
    return (prior * sick) / (prior * sick + (1 - prior) * well);
  };
}

function priorOf(row: CohortRow, labelShift: number): number {
  const educations =
    row.education === null
      ? EDUCATION.map((level, i) => [level, EDUCATION_SHARES[i]!] as const)
      : [[row.education, 1] as const];
  const genotypes =
    row.genotype === null
      ? GENOTYPE_SHARES.map((share, i) => [i, share] as const)
      : [[row.genotype, 1] as const];
  const families =
    row.familyHistory === null
      ? [[true, FAMILY_HISTORY_SHARE] as const, [false, 1 - FAMILY_HISTORY_SHARE] as const]
      : [[row.familyHistory, 1] as const];
  let prior = 0;
  for (const [education, a] of educations) {
    for (const [genotype, b] of genotypes) {
      for (const [family, c] of families) {
        prior +=
          a *
          b *
          c *
          sigmoid(riskOf(row.age, row.isFemale, education, genotype, family, labelShift));
      }
    }
  }
  return prior;
}

function testsGiven(stage: ImpairmentStage, row: CohortRow, brain: number | null): number {
  let chance = 1;
  if (row.mmse !== null) chance *= roundedChance(row.mmse, stage.mmse, 0, 30);
  if (row.recall !== null) chance *= roundedChance(row.recall, stage.recall, 0, 15);
  if (row.trail !== null) {
    const { mean, deviation } = stage.logTrail;
    const below = (seconds: number) => normalBelow((log(seconds) - mean) / deviation);
    const low = row.trail === 15 ? 0 : below(row.trail - 0.5);
    chance *= (row.trail === 300 ? 1 : below(row.trail + 0.5)) - low;
  }
  if (brain !== null) {
    const mean = expectedBrain(row.age, row.isFemale, stage.atrophy);
    const z = (brain - mean) / BRAIN.deviation;
    chance *= exp(-0.5 * z * z);
  }
  return chance;
}

/** Chance that a normal value, rounded and cut to a range, is this one. */
function roundedChance(
  value: number,
  { mean, deviation }: Readonly<{ mean: number; deviation: number }>,
  min: number,
  max: number,
): number {
  const low = value === min ? 0 : normalBelow((value - 0.5 - mean) / deviation);
  const high = value === max ? 1 : normalBelow((value + 0.5 - mean) / deviation);
  return Math.max(high - low, 1e-12);
}

/** Chance of a standard normal value below z: Abramowitz and Stegun 26.2.17, error below 7.5e-8. */
function normalBelow(z: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(z));
  const series =
    t *
    (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  const tail = 0.3989422804014327 * exp(-0.5 * z * z) * series;
  return z > 0 ? 1 - tail : tail;
}

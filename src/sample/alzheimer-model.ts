/**
 * The numbers behind the synthetic Alzheimer cohort. docs/reference-application.md gives the study
 * behind each one. The way of the data: risk factors → chance of disease → disease or not → stage of
 * impairment → test results. Only the stage ties the tests together.
 */

export const SITES = ["east", "north", "south", "west"] as const;
export const EDUCATION = ["primary", "secondary", "higher"] as const;
export const GENOTYPES = ["e2/e2", "e2/e3", "e2/e4", "e3/e3", "e3/e4", "e4/e4"] as const;
export type Education = (typeof EDUCATION)[number];
export type Genotype = (typeof GENOTYPES)[number];

/** Shares of the alleles ε2, ε3, ε4 among Caucasians (Farrer 1997); pairs by Hardy and Weinberg. */
const ALLELES = { e2: 0.084, e3: 0.779, e4: 0.137 };

export const GENOTYPE_SHARES: readonly number[] = [
  ALLELES.e2 * ALLELES.e2,
  2 * ALLELES.e2 * ALLELES.e3,
  2 * ALLELES.e2 * ALLELES.e4,
  ALLELES.e3 * ALLELES.e3,
  2 * ALLELES.e3 * ALLELES.e4,
  ALLELES.e4 * ALLELES.e4,
];
export const EDUCATION_SHARES: readonly number[] = [0.3, 0.45, 0.25];
export const FEMALE_SHARE = 0.56;
export const FAMILY_HISTORY_SHARE = 0.25;
export const AGE = { mean: 74, deviation: 7.5, min: 55, max: 95 } as const;

/** Natural logarithms of odds ratios. */
export const LOG_ODDS = {
  /** At 74 years, a man, higher education, e3/e3, no family history: who comes to a memory clinic. */
  base: -1.15,
  /** Risk doubles every five years (Jorm and Jolley 1998): ln 2 / 5. */
  ageYear: 0.13862943611198905,
  female: 0.4054651081081644, // ln 1.5
  education: { primary: 0.4700036292457356, secondary: 0.22314355131420976, higher: 0 }, // ln 1.6, ln 1.25
  genotype: [
    -0.5108256237659907, // e2/e2: 0.6
    -0.5108256237659907, // e2/e3: 0.6
    0.9555114450274363, // e2/e4: 2.6
    0, // e3/e3
    1.1631508098056809, // e3/e4: 3.2
    2.70136121295141, // e4/e4: 14.9
  ],
  familyHistory: 0.9555114450274363, // ln 2.6: one first-degree relative
} as const;

type Normal = Readonly<{ mean: number; deviation: number }>;

/** A stage of impairment and its tests. */
export type ImpairmentStage = Readonly<{
  diseased: boolean;
  /** Share among those with, or without, the disease. */
  share: number;
  mmse: Normal;
  /** Words of a list of 15 remembered after half an hour. */
  recall: Normal;
  /** Natural logarithm of the seconds for trail making B, stopped at 300. */
  logTrail: Normal;
  /** Share of brain volume lost against the same age and sex. */
  atrophy: number;
}>;

const STAGES: readonly ImpairmentStage[] = [
  {
    diseased: false,
    share: 0.7,
    mmse: { mean: 28.8, deviation: 1.3 },
    recall: { mean: 7.6, deviation: 3 },
    logTrail: { mean: 4.42, deviation: 0.38 },
    atrophy: 0,
  },
  {
    diseased: false,
    share: 0.3,
    mmse: { mean: 26.8, deviation: 1.9 },
    recall: { mean: 4.4, deviation: 2.8 },
    logTrail: { mean: 4.75, deviation: 0.45 },
    atrophy: 0.02,
  },
  {
    diseased: true,
    share: 0.6,
    mmse: { mean: 23.4, deviation: 2.3 },
    recall: { mean: 1.8, deviation: 2 },
    logTrail: { mean: 5.2, deviation: 0.45 },
    atrophy: 0.06,
  },
  {
    diseased: true,
    share: 0.4,
    mmse: { mean: 18.5, deviation: 3.4 },
    recall: { mean: 0.6, deviation: 1.4 },
    logTrail: { mean: 5.5, deviation: 0.4 },
    atrophy: 0.1,
  },
];

/** Whole brain volume in millilitres, and how it shrinks with age even in health. */
export const BRAIN = { male: 1180, female: 1060, deviation: 85, lossPerYear: 0.004 } as const;

/** Share of missing values, at random, by column. */
export const MISSING = {
  education_level: 0.02,
  mmse_score: 0.01,
  apoe_genotype: 0.05,
  family_history: 0.03,
  cognitive_test_1: 0.04,
  cognitive_test_2: 0.04,
  brain_volume: 0.06,
} as const;
export type MissingColumn = keyof typeof MISSING;

export const PRESETS = ["default", "hard"] as const;
export type Preset = (typeof PRESETS)[number];

/**
 * `hard`: people seen years before dementia, whose tests have moved by this share of the way only.
 * No learner can pass the default gate on it.
 */
const SEPARATION: Readonly<Record<Preset, number>> = { default: 1, hard: 0.18 };

export function impairmentStages(preset: Preset): readonly ImpairmentStage[] {
  const healthy = STAGES[0]!;
  const share = SEPARATION[preset];
  const between = (from: number, to: number) => from + share * (to - from);
  return STAGES.map((stage) => ({
    ...stage,
    mmse: { ...stage.mmse, mean: between(healthy.mmse.mean, stage.mmse.mean) },
    recall: { ...stage.recall, mean: between(healthy.recall.mean, stage.recall.mean) },
    logTrail: { ...stage.logTrail, mean: between(healthy.logTrail.mean, stage.logTrail.mean) },
    atrophy: share * stage.atrophy,
  }));
}

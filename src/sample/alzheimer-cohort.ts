import { exp, sigmoid } from "../core/math.ts";
import type { Random } from "../core/random.ts";
import { createRandom } from "../core/random.ts";
import {
  AGE,
  BRAIN,
  EDUCATION,
  EDUCATION_SHARES,
  type Education,
  FAMILY_HISTORY_SHARE,
  FEMALE_SHARE,
  GENOTYPE_SHARES,
  type ImpairmentStage,
  impairmentStages,
  LOG_ODDS,
  MISSING,
  type MissingColumn,
  type Preset,
  SITES,
} from "./alzheimer-model.ts";

export type CohortOptions = Readonly<{
  seed: number;
  preset: Preset;
  /** Days of the first visits, both included, as days since 1970-01-01. */
  period: Readonly<{ firstDay: number; lastDay: number }>;
  /** Sites differ in brain volume by this many standard deviations from the first to the last. */
  siteShift: number;
  /** Another scanner or software: brain volume moved by this many standard deviations. */
  assayShift: number;
  /** Added to everybody's log odds of disease: more, or fewer, patients. */
  labelShift: number;
}>;

/** One visit. Null: missing. */
export type CohortRow = Readonly<{
  patientId: number;
  visitDay: number;
  site: number;
  /** At the first visit. */
  age: number;
  isFemale: boolean;
  education: Education | null;
  mmse: number | null;
  /** Place in GENOTYPES. */
  genotype: number | null;
  familyHistory: boolean | null;
  recall: number | null;
  trail: number | null;
  /** As measured, shifts included. */
  brainVolume: number | null;
  diagnosis: 0 | 1;
}>;

/** What the shifts of the options add to a brain volume at a site. */
export function brainShift(site: number, options: CohortOptions): number {
  const place = site / (SITES.length - 1) - 0.5;
  return BRAIN.deviation * (options.siteShift * place + options.assayShift);
}

/** Brain volume expected of an age, sex and stage. */
export function expectedBrain(age: number, isFemale: boolean, atrophy: number): number {
  const whole = isFemale ? BRAIN.female : BRAIN.male;
  return whole * (1 - BRAIN.lossPerYear * (age - 60)) * (1 - atrophy);
}

/** Log odds of disease before any test. */
export function riskOf(
  age: number,
  isFemale: boolean,
  education: Education,
  genotype: number,
  familyHistory: boolean,
  labelShift: number,
): number {
  return (
    LOG_ODDS.base +
    LOG_ODDS.ageYear * (age - AGE.mean) +
    (isFemale ? LOG_ODDS.female : 0) +
    LOG_ODDS.education[education] +
    LOG_ODDS.genotype[genotype]! +
    (familyHistory ? LOG_ODDS.familyHistory : 0) +
    labelShift
  );
}

/**
 * Visits of an endless synthetic cohort, one to three a patient, a year or so apart. The same options
 * give the same visits; a shift changes values, not who is in the cohort.
 */
export function* generateCohort(options: CohortOptions): Generator<CohortRow, never> {
  const random = createRandom(options.seed).split("alzheimer");
  const people = random.split("people");
  const visits = random.split("visits");
  const gaps = random.split("missing");
  const stages = impairmentStages(options.preset);
  for (let patientId = 1; ; patientId++) {
    const person = drawPerson(people, stages, options.labelShift);
    const count = 1 + pick(visits, [0.5, 0.3, 0.2]);
    const days = options.period.lastDay - options.period.firstDay + 1;
    let visitDay = options.period.firstDay + visits.integer(days);
    for (let visit = 0; visit < count; visit++) {
      yield hideSome(gaps, drawVisit(visits, person, patientId, visitDay, options));
      visitDay += 330 + visits.integer(71);
    }
  }
}

type Person = Readonly<{
  site: number;
  age: number;
  isFemale: boolean;
  education: Education;
  genotype: number;
  familyHistory: boolean;
  stage: ImpairmentStage;
}>;

function drawPerson(
  random: Random,
  stages: readonly ImpairmentStage[],
  labelShift: number,
): Person {
  const site = random.integer(SITES.length);
  const age = Math.round(clip(AGE.mean + AGE.deviation * random.normal(), AGE.min, AGE.max));
  const isFemale = random.uniform() < FEMALE_SHARE;
  const education = EDUCATION[pick(random, EDUCATION_SHARES)]!;
  const genotype = pick(random, GENOTYPE_SHARES);
  const familyHistory = random.uniform() < FAMILY_HISTORY_SHARE;
  const risk = riskOf(age, isFemale, education, genotype, familyHistory, labelShift);
  const diseased = random.uniform() < sigmoid(risk);
  const possible = stages.filter((stage) => stage.diseased === diseased);
  const stage =
    possible[
      pick(
        random,
        possible.map(({ share }) => share),
      )
    ]!;
  return { site, age, isFemale, education, genotype, familyHistory, stage };
}

function drawVisit(
  random: Random,
  person: Person,
  patientId: number,
  visitDay: number,
  options: CohortOptions,
): CohortRow {
  const { stage, site, age, isFemale } = person;
  const draw = ({ mean, deviation }: { mean: number; deviation: number }) =>
    mean + deviation * random.normal();
  const mmse = clip(Math.round(draw(stage.mmse)), 0, 30);
  const recall = clip(Math.round(draw(stage.recall)), 0, 15);
  const trail = clip(Math.round(exp(draw(stage.logTrail))), 15, 300);
  const volume = draw({
    mean: expectedBrain(age, isFemale, stage.atrophy),
    deviation: BRAIN.deviation,
  });
  return {
    patientId,
    visitDay,
    site,
    age,
    isFemale,
    education: person.education,
    mmse,
    genotype: person.genotype,
    familyHistory: person.familyHistory,
    recall,
    trail,
    brainVolume: Math.round((volume + brainShift(site, options)) * 10) / 10,
    diagnosis: stage.diseased ? 1 : 0,
  };
}

function hideSome(random: Random, row: CohortRow): CohortRow {
  const hide = <T>(column: MissingColumn, value: T): T | null =>
    random.uniform() < MISSING[column] ? null : value;
  return {
    ...row,
    education: hide("education_level", row.education),
    mmse: hide("mmse_score", row.mmse),
    genotype: hide("apoe_genotype", row.genotype),
    familyHistory: hide("family_history", row.familyHistory),
    recall: hide("cognitive_test_1", row.recall),
    trail: hide("cognitive_test_2", row.trail),
    brainVolume: hide("brain_volume", row.brainVolume),
  };
}

function pick(random: Random, shares: readonly number[]): number {
  let left = random.uniform();
  for (let i = 0; i < shares.length - 1; i++) {
    left -= shares[i]!;
    if (left < 0) return i;
  }
  return shares.length - 1;
}

function clip(value: number, min: number, max: number): number {
  return Math.min(max, Math.max(min, value));
}

import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { realEffects } from "../../src/core/effects.ts";
import {
  type CohortOptions,
  type CohortRow,
  generateCohort,
} from "../../src/sample/alzheimer-cohort.ts";
import { GENOTYPE_SHARES, GENOTYPES } from "../../src/sample/alzheimer-model.ts";
import { createTruth } from "../../src/sample/alzheimer-truth.ts";
import { createBestPossible } from "../../src/sample/best-possible.ts";
import { writeCohort } from "../../src/sample/write-cohort.ts";

const folder = mkdtempSync(join(tmpdir(), "duetmind-sample-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const DEFAULTS: CohortOptions = {
  seed: 42,
  preset: "default",
  period: { firstDay: 18993, lastDay: 20088 }, // 2022-01-01..2024-12-31
  siteShift: 0,
  assayShift: 0,
  labelShift: 0,
};

function take(count: number, options: Partial<CohortOptions> = {}): CohortRow[] {
  const rows = generateCohort({ ...DEFAULTS, ...options });
  return Array.from({ length: count }, () => rows.next().value);
}

const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
const volumes = (rows: readonly CohortRow[]) =>
  rows.flatMap(({ brainVolume }) => brainVolume ?? []);

test("the same seed gives the same bytes, and more rows begin with the fewer", async () => {
  const write = async (name: string, rows: number) => {
    await writeCohort(join(folder, name), rows, DEFAULTS, realEffects);
    return readFileSync(join(folder, name), "utf8");
  };
  const small = await write("small.csv", 500);
  expect(await write("again.csv", 500)).toBe(small);
  expect((await write("large.csv", 800)).startsWith(small)).toBe(true);
  // written once by this generator: a change of the data is a change of every recorded digest
  expect(createHash("sha256").update(small).digest("hex")).toBe(
    "9a9368d7336f416dee6a1d5407ddb3aaf948696706157ee1cb0cbdc17be0c3bb",
  );
  expect(small.split("\n").slice(0, 2)).toEqual([
    "patient_id,visit_date,site,age,gender,education_level,mmse_score,apoe_genotype,family_history,cognitive_test_1,cognitive_test_2,brain_volume,diagnosis",
    "P0000001,2024-10-11,west,73,female,primary,18,e3/e4,false,0,193,890.8,1",
  ]);
});

test("genotypes come at their population shares", () => {
  const people = new Map(take(40_000).map((row) => [row.patientId, row.genotype]));
  const known = [...people.values()].filter((genotype) => genotype !== null);
  GENOTYPES.forEach((_, i) => {
    const share = GENOTYPE_SHARES[i]!;
    const seen = known.filter((genotype) => genotype === i).length / known.length;
    expect(Math.abs(seen - share)).toBeLessThan(
      4 * Math.sqrt((share * (1 - share)) / known.length),
    );
  });
});

test("the true probability is calibrated: of rows with p near 0.3, 0.3 are sick", () => {
  const truth = createTruth(DEFAULTS);
  const bins = Array.from({ length: 10 }, () => ({ count: 0, expected: 0, sick: 0 }));
  for (const row of take(100_000)) {
    const p = truth(row);
    const bin = bins[Math.min(9, Math.floor(p * 10))]!;
    bin.count += 1;
    bin.expected += p;
    bin.sick += row.diagnosis;
  }
  for (const { count, expected, sick } of bins) {
    // rows of one patient are not independent: three visits at most, so √3 more than binomial
    const deviation = Math.sqrt((3 * expected * (count - expected)) / count);
    expect(Math.abs(sick - expected)).toBeLessThan(4 * deviation);
  }
});

test.each([
  ["default", 0.954, 0.992],
  ["hard", 0.787, 0.872],
] as const)(
  "the best possible model of preset %s has accuracy %d and ROC AUC %d",
  (preset, accuracy, rocAuc) => {
    const truth = createTruth({ ...DEFAULTS, preset });
    const best = createBestPossible();
    for (const row of take(100_000, { preset })) best.add(truth(row));
    expect(best.result().accuracy).toBeCloseTo(accuracy, 2);
    expect(best.result().rocAuc).toBeCloseTo(rocAuc, 2);
  },
);

test("the best possible accuracy and ROC AUC of two known coins", () => {
  const best = createBestPossible();
  best.add(0.9);
  best.add(0.2);
  // by hand: accuracy (0.9 + 0.8) / 2; sick mass 0.9 + 0.2, well mass 0.1 + 0.8
  const ordered = 0.2 * (0.8 / 2) + 0.9 * (0.8 + 0.1 / 2);
  expect(best.result().accuracy).toBeCloseTo(0.85, 12);
  expect(best.result().rocAuc).toBeCloseTo(ordered / (1.1 * 0.9), 12);
  expect(best.result().prevalence).toBeCloseTo(0.55, 12);
});

test("a shift moves its values and leaves the people as they were", () => {
  const plain = take(5000);
  const assay = take(5000, { assayShift: 1 });
  expect(mean(volumes(assay)) - mean(volumes(plain))).toBeCloseTo(85, 5);
  expect(assay.map((row) => ({ ...row, brainVolume: 0 }))).toEqual(
    plain.map((row) => ({ ...row, brainVolume: 0 })),
  );
  const sites = take(5000, { siteShift: 1 });
  const atSite = (rows: readonly CohortRow[], site: number) =>
    mean(volumes(rows.filter((row) => row.site === site)));
  expect(atSite(sites, 3) - atSite(plain, 3)).toBeCloseTo(42.5, 1);
  expect(atSite(sites, 0) - atSite(plain, 0)).toBeCloseTo(-42.5, 1);
  const share = (rows: readonly CohortRow[]) => mean(rows.map(({ diagnosis }) => diagnosis));
  expect(share(take(5000, { labelShift: 1 })) - share(plain)).toBeGreaterThan(0.1);
});

test("a period holds every first visit", () => {
  const rows = take(2000, { period: { firstDay: 100, lastDay: 109 } });
  const first = new Map(rows.toReversed().map((row) => [row.patientId, row.visitDay]));
  expect([...first.values()].every((day) => day >= 100 && day <= 109)).toBe(true);
});

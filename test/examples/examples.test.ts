import { execFileSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { openEngine } from "../../src/table/engine.ts";
import { writeParquet } from "../../src/table/parquet-write.ts";
import { lit, sql } from "../../src/table/sql.ts";

const ROOT = join(import.meta.dirname, "..", "..");
const SHARED = join(ROOT, "..", "shared");
const folder = mkdtempSync(join(tmpdir(), "duetmind-examples-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Results of the READMEs: a change of one is a change of the other. */
const EXAMPLES = [
  { name: "alzheimers-public", data: "alzheimers.csv", accuracy: "0.953", rocAuc: 0.972 },
  { name: "alzheimers-csf", data: "alzheimers-csf.csv", accuracy: "0.864", rocAuc: 0.859 },
  { name: "heart", data: "heart-va.csv", accuracy: "0.822", rocAuc: 0.879, status: "rejected" },
  {
    name: "heart-by-site",
    data: "heart-va.csv",
    accuracy: "0.699",
    rocAuc: 0.748,
    status: "rejected",
  },
  { name: "employment", data: "employment-reference.parquet", accuracy: "0.831", rocAuc: 0.906 },
];

const LONG = { timeout: 600_000 };

type Outcome = Readonly<{
  ok: boolean;
  lock_changed: boolean;
  registered: readonly Readonly<{ kind: string; name: string; status?: string }>[];
}>;

for (const { name, data, accuracy, rocAuc, status = "staging" } of EXAMPLES) {
  const isThere = existsSync(join(SHARED, "data", data));
  const reason = isThere ? "" : ` (skipped: ../shared/data/${data} is absent)`;
  test.skipIf(!isThere)(
    `examples/${name} gives the result of its README${reason}`,
    LONG,
    async () => {
      const copy = copyOf(name);
      const first = reproduce(copy);
      expect(first.ok).toBe(true);
      const model = name.replaceAll("-", "_");
      expect(first.registered).toContainEqual(
        expect.objectContaining({ kind: "model", name: model, status }),
      );
      const metrics = metricsOf(copy, model);
      expect(metrics["accuracy"]!.value).toBeCloseTo(Number(accuracy), 3);
      expect(metrics["roc_auc"]!.value).toBeCloseTo(rocAuc, 2);
      const readme = readFileSync(join(copy, "README.md"), "utf8");
      expect(readme).toContain(`| ${accuracy} |`);
      expect(reproduce(copy).lock_changed).toBe(false);
      if (name === "employment") await expectLaterYears(copy, readme);
    },
  );
}

/** By year, of people whom the model of 2015 has not seen. */
const LATER_YEARS = { 2016: "0.826", 2017: "0.830", 2018: "0.828" };

async function expectLaterYears(copy: string, readme: string): Promise<void> {
  const [people, labels] = ["analysis", "analysis-target"].map((name) =>
    join(SHARED, "data", `employment-${name}.parquet`),
  ) as [string, string];
  const scored = join(copy, "later.parquet");
  duetmind(copy, "predict", "employment@1", "--data", people, "--out", scored);
  const engine = await openEngine();
  const rows = await engine.rows(sql`
    SELECT p.year, round(avg((s.prediction = t.employed)::INTEGER), 3) AS accuracy
    FROM read_parquet(${lit(people)}, file_row_number = true) p
    JOIN read_parquet(${lit(labels)}) t USING (id)
    JOIN read_parquet(${lit(scored)}) s ON s.row_id = p.file_row_number GROUP BY 1 ORDER BY 1`);
  engine.close();
  const found = rows.map(({ year, accuracy }) => [String(year), (accuracy as number).toFixed(3)]);
  expect(Object.fromEntries(found)).toEqual(LATER_YEARS);
  for (const accuracy of Object.values(LATER_YEARS)) expect(readme).toContain(`| ${accuracy} |`);
}

const ALL_FLIGHTS = join(ROOT, "node_modules/vega-datasets/data/flights-3m.parquet");
for (const name of ["flights", "flights-by-time"]) {
  test(
    `examples/${name} runs on every thirtieth flight and says more than the majority`,
    LONG,
    async () => {
      const copy = copyOf(name);
      const sample = join(copy, "sample.parquet");
      const engine = await openEngine();
      await writeParquet(
        engine,
        sql`SELECT * EXCLUDE (file_row_number) FROM read_parquet(${lit(ALL_FLIGHTS)}, file_row_number = true) WHERE file_row_number % 30 = 0 ORDER BY file_row_number`,
        sample,
      );
      engine.close();
      for (const file of ["params.yaml", "dvc.yaml"]) {
        const text = readFileSync(join(copy, file), "utf8");
        writeFileSync(
          join(copy, file),
          text.replaceAll(/\S*flights-3m\.parquet/g, "sample.parquet"),
        );
      }
      expect(reproduce(copy).ok).toBe(true);
      const metrics = metricsOf(copy, name.replaceAll("-", "_"));
      expect(metrics["roc_auc"]!.value).toBeGreaterThan(0.6);
      expect(metrics["accuracy"]!.value).toBeGreaterThanOrEqual(metrics["accuracy"]!.baseline);
    },
  );
}

type Metrics = Readonly<Record<string, Readonly<{ value: number; baseline: number }>>>;

function metricsOf(copy: string, model: string): Metrics {
  const path = join(copy, "models", model, "metrics.json");
  return (JSON.parse(readFileSync(path, "utf8")) as { test: { metrics: Metrics } }).test.metrics;
}

/** A copy in the same place beside `shared` as the original. */
function copyOf(name: string): string {
  const repository = join(folder, name, "repository");
  mkdirSync(join(repository, "examples"), { recursive: true });
  symlinkSync(SHARED, join(folder, name, "shared"));
  const copy = join(repository, "examples", name);
  cpSync(join(ROOT, "examples", name), copy, {
    recursive: true,
    filter: (path) => !/(\.duetmind|[/\\]data|[/\\]models|\.dvc|dvc\.lock)$/.test(path),
  });
  return copy;
}

function reproduce(copy: string): Outcome {
  return JSON.parse(duetmind(copy, "reproduce", "--json")) as Outcome;
}

function duetmind(copy: string, ...words: readonly string[]): string {
  return execFileSync(process.execPath, [join(ROOT, "bin/duetmind.js"), ...words], {
    cwd: copy,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
  });
}

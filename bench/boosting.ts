import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createRandom } from "../src/core/random.ts";
import { boosting } from "../src/models/boosting/boosting.ts";
import { boostingParams } from "../src/models/boosting/boosting-params.ts";
import { takeRows } from "../src/models/matrix.ts";
import { measure, onceEach } from "../src/models/metrics/measure.ts";
import { prepare } from "../src/models/metrics/predictions.ts";
import { scoreProbabilities } from "../src/models/score.ts";
import { cacheFolder } from "../test/interop/cache-folder.ts";
import { type BenchTable, makeBenchTable } from "./boosting-table.ts";
import { reportBench } from "./result.ts";

/**
 * Boosting against scikit-learn's HistGradientBoosting, both on one thread and on the same tables, 100
 * trees × 31 leaves.
 *
 * Speed and AUC: 200,000 rows × 28 features; CPU seconds of `fit`, binning included, median of three,
 * and the AUC on 50,000 rows that neither saw.
 *
 * AUC where features act in pairs alone: one rounding decides the first splits there, and the AUC of
 * either library moves by some thousandths between 255 and 250 bins. One table says nothing, so the
 * difference is averaged over tables and bin counts, and its spread stands beside what scikit-learn
 * differs from itself.
 */
const LARGE = { trainRows: 200_000, testRows: 50_000, columns: 28 };
const SMALL = { trainRows: 50_000, testRows: 50_000, columns: 12 };
const TABLES = ["a", "b", "c", "d", "e", "f", "g", "h"];
const BINS = [255, 250, 245];
const SCIKIT_LEARN = "1.9.1";

async function fitOurs({ matrix, labels, trainRows }: BenchTable, maxBins: number) {
  const rows = (from: number, to: number) =>
    Uint32Array.from({ length: to - from }, (_, i) => from + i);
  const train = takeRows(matrix, rows(0, trainRows));
  const before = process.cpuUsage();
  const { model } = await boosting.fit({
    train: { matrix: train, labels: labels.subarray(0, trainRows) },
    validation: null,
    task: "binary",
    classCount: 2,
    hyperparameters: boostingParams.parse({ rounds: 100, l2: 0, max_bins: maxBins }),
    random: createRandom(1),
  });
  const { user, system } = process.cpuUsage(before);
  const scores = scoreProbabilities(model, takeRows(matrix, rows(trainRows, matrix.rowCount)));
  const truth = labels.subarray(trainRows);
  const prepared = prepare({ task: "binary", classCount: 2, labels: truth, scores });
  const auc = measure(prepared, onceEach(truth.length)).metrics.roc_auc!;
  return { seconds: (user + system) / 1e6, auc };
}

/** Python with scikit-learn, made once in the cache of other tools. */
function pythonOf(): string {
  const folder = join(cacheFolder(`scikit-learn-${SCIKIT_LEARN}`), "venv");
  const python = join(folder, "bin", "python");
  if (!existsSync(join(folder, "complete"))) {
    execFileSync("python3", ["-m", "venv", folder], { stdio: "inherit" });
    execFileSync(python, ["-m", "pip", "install", "-q", `scikit-learn==${SCIKIT_LEARN}`], {
      stdio: "inherit",
    });
    writeFileSync(join(folder, "complete"), "");
  }
  return python;
}

type Theirs = Readonly<{ version: string; seconds: readonly number[]; aucs: readonly number[] }>;

function fitTheirs(table: BenchTable, repeats: number, bins: readonly number[]): Theirs {
  const { matrix, labels, trainRows } = table;
  const folder = mkdtempSync(join(tmpdir(), "duetmind-bench-"));
  try {
    const features = join(folder, "features.f32");
    writeFileSync(features, Buffer.concat(matrix.columns.map((c) => Buffer.from(c.buffer))));
    const truth = join(folder, "labels.f64");
    writeFileSync(truth, Buffer.from(labels.buffer));
    const script = join(import.meta.dirname, "boosting-scikit-learn.py");
    const counts = [matrix.columns.length, trainRows, repeats, ...bins].map(String);
    const output = execFileSync(pythonOf(), [script, features, truth, ...counts], {
      encoding: "utf8",
      env: { ...process.env, OMP_NUM_THREADS: "1" },
    });
    return JSON.parse(output) as Theirs;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[values.length >> 1]!;
const mean = (values: readonly number[]) => values.reduce((a, b) => a + b) / values.length;
function spread(values: readonly number[]): number {
  const middle = mean(values);
  return Math.sqrt(mean(values.map((value) => (value - middle) ** 2)));
}

async function speedAndAuc() {
  const table = makeBenchTable("bench.boosting", LARGE, true);
  const theirs = fitTheirs(table, 3, [255]);
  const ours = [];
  for (let repeat = 0; repeat < 3; repeat++) ours.push(await fitOurs(table, 255));
  return { ours, theirs };
}

/** Ours minus theirs for each table and bin count, and theirs minus theirs with 255 bins. */
async function pairsAlone() {
  const differences: number[] = [];
  const own: number[] = [];
  for (const seed of TABLES) {
    const table = makeBenchTable(`bench.boosting.pairs.${seed}`, SMALL, false);
    const { aucs } = fitTheirs(table, 1, BINS);
    for (const [i, bins] of BINS.entries()) {
      differences.push((await fitOurs(table, bins)).auc - aucs[i]!);
      if (i > 0) own.push(aucs[i]! - aucs[0]!);
    }
  }
  return { differences, own };
}

async function main(): Promise<void> {
  const { ours, theirs } = await speedAndAuc();
  const { differences, own } = await pairsAlone();
  const peer = { name: `scikit-learn ${theirs.version} HistGradientBoosting, one thread` };
  const [mine, its] = [median(ours.map(({ seconds }) => seconds)), median(theirs.seconds)];
  const [auc, itsAuc] = [ours[0]!.auc, theirs.aucs[0]!];
  reportBench("boosting", [
    {
      case: "boosting, 200,000 × 28, 100 trees × 31 leaves, CPU time of fit",
      ours: { cpuSeconds: mine },
      peer: { ...peer, cpuSeconds: its },
      figure: mine / its,
      bar: { op: "<=", value: 3 },
    },
    {
      case: "boosting, the same, difference of AUC on 50,000 other rows",
      ours: { auc },
      peer: { ...peer, auc: itsAuc },
      figure: Math.abs(auc - itsAuc),
      bar: { op: "<=", value: 0.004 },
    },
    {
      case: `boosting, pairs alone, 50,000 × 12, ${TABLES.length} tables × ${BINS.length} bin counts, mean difference of AUC`,
      ours: {
        meanDifference: mean(differences),
        standardDeviation: spread(differences),
        smallest: Math.min(...differences),
        largest: Math.max(...differences),
      },
      peer: { ...peer, deviationFromItself: spread(own) },
      figure: Math.abs(mean(differences)),
      bar: { op: "<=", value: 0.004 },
    },
  ]);
}

await main();

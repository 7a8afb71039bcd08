import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createRandom } from "../src/core/random.ts";
import { boosting } from "../src/models/boosting/boosting.ts";
import { boostingParams } from "../src/models/boosting/boosting-params.ts";
import { type Matrix, takeRows, toMatrix } from "../src/models/matrix.ts";
import { measure, onceEach } from "../src/models/metrics/measure.ts";
import { prepare } from "../src/models/metrics/predictions.ts";
import { scoreProbabilities } from "../src/models/score.ts";
import { cacheFolder } from "../test/interop/cache-folder.ts";
import { reportBench } from "./result.ts";

/**
 * Boosting against scikit-learn's HistGradientBoosting: 200,000 rows × 28 features, 100 trees × 31
 * leaves, both on one thread and on the same table; CPU seconds of `fit`, binning included, median
 * of three, and the AUC on 50,000 rows that neither saw.
 *
 * The features of an interaction have a main effect too. Without it the first splits on them are a
 * coin toss that one rounding decides: scikit-learn's own AUC then moves by 0.005 between 255 and
 * 250 bins, and ours beside it, so a difference would say nothing.
 */
const TRAIN_ROWS = 200_000;
const TEST_ROWS = 50_000;
const COLUMNS = 28;
const REPEATS = 3;
const SCIKIT_LEARN = "1.9.1";

type Table = Readonly<{ matrix: Matrix; labels: Float64Array }>;

function makeTable(): Table {
  const rows = TRAIN_ROWS + TEST_ROWS;
  const random = createRandom("bench.boosting");
  const columns = Array.from({ length: COLUMNS }, () => {
    const column = new Float64Array(rows);
    for (let row = 0; row < rows; row++) column[row] = random.normal();
    return column;
  });
  const labels = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    const x = (f: number) => columns[f]![row]!;
    const mains = x(0) + 0.4 * (x(1) - x(2) + x(4) + x(5)) + 0.3 * x(6);
    const odds = mains + x(1) * x(2) + 0.5 * Math.sin(3 * x(3)) + 0.5 * x(4) * x(5);
    labels[row] = random.uniform() < 1 / (1 + Math.exp(-odds)) ? 1 : 0;
  }
  return {
    matrix: toMatrix(
      columns.map((_, f) => `x${f}`),
      columns,
    ),
    labels,
  };
}

async function fitOurs({ matrix, labels }: Table) {
  const rows = (from: number, to: number) =>
    Uint32Array.from({ length: to - from }, (_, i) => from + i);
  const train = takeRows(matrix, rows(0, TRAIN_ROWS));
  const test = takeRows(matrix, rows(TRAIN_ROWS, matrix.rowCount));
  const seconds: number[] = [];
  let auc = Number.NaN;
  for (let repeat = 0; repeat < REPEATS; repeat++) {
    const before = process.cpuUsage();
    const { model } = await boosting.fit({
      train: { matrix: train, labels: labels.subarray(0, TRAIN_ROWS) },
      validation: null,
      task: "binary",
      classCount: 2,
      hyperparameters: boostingParams.parse({ rounds: 100, l2: 0 }),
      random: createRandom(1),
    });
    const { user, system } = process.cpuUsage(before);
    seconds.push((user + system) / 1e6);
    const scores = scoreProbabilities(model, test);
    const prepared = prepare({
      task: "binary",
      classCount: 2,
      labels: labels.subarray(TRAIN_ROWS),
      scores,
    });
    auc = measure(prepared, onceEach(TEST_ROWS)).metrics.roc_auc!;
  }
  return { seconds, auc };
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

type Theirs = Readonly<{ version: string; seconds: readonly number[]; auc: number }>;

function fitTheirs({ matrix, labels }: Table): Theirs {
  const folder = mkdtempSync(join(tmpdir(), "duetmind-bench-"));
  try {
    const features = join(folder, "features.f32");
    writeFileSync(features, Buffer.concat(matrix.columns.map((c) => Buffer.from(c.buffer))));
    const truth = join(folder, "labels.f64");
    writeFileSync(truth, Buffer.from(labels.buffer));
    const script = join(import.meta.dirname, "boosting-scikit-learn.py");
    const counts = [COLUMNS, TRAIN_ROWS, REPEATS].map(String);
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

async function main(): Promise<void> {
  const table = makeTable();
  const theirs = fitTheirs(table);
  const ours = await fitOurs(table);
  const peer = { name: `scikit-learn ${theirs.version} HistGradientBoosting, one thread` };
  const [mine, its] = [median(ours.seconds), median(theirs.seconds)];
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
      ours: { auc: ours.auc },
      peer: { ...peer, auc: theirs.auc },
      figure: Math.abs(ours.auc - theirs.auc),
      bar: { op: "<=", value: 0.004 },
    },
  ]);
}

await main();

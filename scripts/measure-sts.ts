// How well the default embeddings order the pairs of STS-B dev (1500 pairs of sentences that people
// gave 0 to 5): Spearman's correlation of the similarities with the scores, as int8 and as floats, and
// how near the int8 vectors are to those of the floats. int8 must be within 0.005 of the floats.
//
//     npx tsx scripts/measure-sts.ts [file] [native|wasm]
import { readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { embeddingParams } from "../src/agent-memory/embedding/params.ts";
import { openTextModel } from "../src/agent-memory/embedding/text-model.ts";
import { parseRecords } from "../src/table/csv-records.ts";

const [file = "../shared/data/stsb-dev.csv", runtime = "native"] = process.argv.slice(2);
const marks = { delimiter: ",", quote: '"', escape: '"' } as const;
const pairs = [...parseRecords(readFileSync(file, "utf8"), marks)].map(({ fields }) => fields);
const scores = pairs.map(([, , score]) => Number(score));

const figures = { int8: await measure("int8"), fp32: await measure("fp32") };
for (const [dtype, { spearman, cpuSeconds }] of Object.entries(figures)) {
  const rate = ((2 * pairs.length) / cpuSeconds).toFixed(0);
  console.log(`${dtype} ${runtime}: Spearman ${spearman.toFixed(4)}, ${rate} texts a CPU second`);
}
const cosines = figures.int8.vectors.map((vector, i) => dot(vector, figures.fp32.vectors[i]!));
const mean = cosines.reduce((sum, value) => sum + value, 0) / cosines.length;
const worst = Math.min(...cosines);
console.log(
  `int8 against fp32: cosine ${mean.toFixed(4)} on average, ${worst.toFixed(4)} at worst`,
);
const loss = figures.fp32.spearman - figures.int8.spearman;
if (!(loss <= 0.005)) {
  console.error(`int8: expected Spearman within 0.005 of fp32, got ${loss.toFixed(4)} below it`);
  process.exitCode = 1;
}

async function measure(dtype: "int8" | "fp32") {
  const folder = join(tmpdir(), "duetmind-measure-sts");
  const model = await openTextModel({ params: embeddingParams.parse({ dtype, runtime }), folder });
  const before = process.cpuUsage();
  const vectors: Float32Array[] = [];
  for (const [first, second] of pairs) {
    for (const text of [first!, second!]) vectors.push((await model.embed(text)) as Float32Array);
  }
  const { user, system } = process.cpuUsage(before);
  await model.close();
  const similarities = scores.map((_, i) => dot(vectors[2 * i]!, vectors[2 * i + 1]!));
  const spearman = correlation(ranks(similarities), ranks(scores));
  return { vectors, spearman, cpuSeconds: (user + system) / 1e6 };
}

function dot(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, value, i) => sum + value * b[i]!, 0);
}

/** The place of each value in their order; equal ones share the mean of their places. */
function ranks(values: readonly number[]): number[] {
  const order = [...values.keys()].sort((a, b) => values[a]! - values[b]!);
  const places = new Array<number>(values.length);
  for (let from = 0; from < order.length; ) {
    let to = from + 1;
    while (to < order.length && values[order[to]!] === values[order[from]!]) to += 1;
    for (let i = from; i < to; i++) places[order[i]!] = (from + to - 1) / 2;
    from = to;
  }
  return places;
}

function correlation(a: readonly number[], b: readonly number[]): number {
  const middle = (a.length - 1) / 2; // of ranks
  const products = (x: readonly number[], y: readonly number[]) =>
    x.reduce((sum, value, i) => sum + (value - middle) * (y[i]! - middle), 0);
  return products(a, b) / Math.sqrt(products(a, a) * products(b, b));
}

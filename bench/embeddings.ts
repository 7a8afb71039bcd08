import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openEmbedder } from "../src/agent-memory/embedding/embedder.ts";
import { embeddingParams } from "../src/agent-memory/embedding/params.ts";
import { realEffects } from "../src/core/effects.ts";
import { AS_BUILT, reportBench } from "./result.ts";

/**
 * Embeddings with the default model: texts of at most 32 tokens a second, in batches of 100 that run
 * text by text on one thread, and the time from nothing to the first vector of a process that finds
 * the graph built. Every figure is of a process of its own, the best of some.
 *
 *     npm run bench bench/embeddings.ts [rounds]
 */
const BARS = { native: 300, wasm: 60, coldSeconds: 1.5 };
const BATCH = 100;
const BATCHES = 5;

type Figures = Readonly<{
  runtime: string;
  coldSeconds: number;
  coldCpuSeconds: number;
  textsPerSecond: number;
  textsPerCpuSecond: number;
  mebibytes: number;
}>;

const [first = "5", root, runtime] = process.argv.slice(2);
if (root === undefined) report(Number(first));
else process.stdout.write(JSON.stringify(await measureOnce(root, runtime)));

async function measureOnce(folder: string, name: string | undefined): Promise<Figures> {
  const params = embeddingParams.parse({ runtime: name, threads: 1 });
  const start = performance.now();
  const cpu = process.cpuUsage();
  const embedder = await openEmbedder({ root: folder, params, effects: realEffects });
  await embedder.embedQuery("APOE4 risk factors");
  const coldSeconds = (performance.now() - start) / 1000;
  const coldCpuSeconds = seconds(process.cpuUsage(cpu));
  await embedder.embed(sentences(BATCHES).slice(0, 20));
  const rates = [];
  const used = process.cpuUsage();
  for (let batch = 0; batch < BATCHES; batch++) {
    const begin = performance.now();
    await embedder.embed(sentences(batch));
    rates.push((1000 * BATCH) / (performance.now() - begin));
  }
  const textsPerCpuSecond = (BATCH * BATCHES) / seconds(process.cpuUsage(used));
  const mebibytes = process.memoryUsage().rss / 2 ** 20;
  await embedder.close();
  const figures = { coldSeconds, coldCpuSeconds, textsPerCpuSecond, mebibytes };
  return { runtime: embedder.runtime, ...figures, textsPerSecond: Math.max(...rates) };
}

/** A hundred sentences of 20 to 32 tokens, no two alike. */
function sentences(batch: number): string[] {
  return Array.from(
    { length: BATCH },
    (_, i) =>
      `Visit ${batch}-${i}: the patient remembers ${i % 7} of ten words, sleeps badly and asks for the results of the scan.`,
  );
}

function seconds({ user, system }: NodeJS.CpuUsage): number {
  return (user + system) / 1e6;
}

function report(rounds: number): void {
  const folder = mkdtempSync(join(tmpdir(), "duetmind-bench-"));
  try {
    const run = (name: string): Figures => {
      const words = [...AS_BUILT, import.meta.filename, "1", folder, name];
      const { stdout, stderr, status } = spawnSync(process.execPath, words, { encoding: "utf8" });
      if (status !== 0) throw new Error(stderr);
      return JSON.parse(stdout) as Figures;
    };
    const { coldSeconds: firstStart } = run("native"); // builds the graph
    const native = Array.from({ length: rounds }, () => run("native"));
    const wasm = Array.from({ length: rounds }, () => run("wasm"));
    const cold = native.reduce((a, b) => (b.coldSeconds < a.coldSeconds ? b : a));
    reportBench("embeddings", [
      ...[native, wasm].map((runs) => {
        const best = runs.reduce((a, b) => (b.textsPerSecond > a.textsPerSecond ? b : a));
        const name = best.runtime as "native" | "wasm";
        return {
          case: `${name} int8, one thread, batches of ${BATCH} texts of 20 to 32 tokens: texts a second`,
          ours: {
            texts_per_cpu_second: best.textsPerCpuSecond,
            cold_start_seconds: best.coldSeconds,
            peak_rss_mb: best.mebibytes,
          },
          peer: { name: "none: the bar is a rate" },
          figure: best.textsPerSecond,
          bar: { op: ">=" as const, value: BARS[name] },
        };
      }),
      {
        case: "native, graph built before: seconds from opening to the first vector",
        ours: { cpu_seconds: cold.coldCpuSeconds, building_the_graph_too: firstStart },
        peer: { name: "none: the bar is a time" },
        figure: cold.coldSeconds,
        bar: { op: "<=", value: BARS.coldSeconds },
      },
    ]);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

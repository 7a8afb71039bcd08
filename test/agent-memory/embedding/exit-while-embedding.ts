// Exits with status 7 while a thread embeds: run by exit-gate.test.ts with a folder and how to end.
import { openEmbedder } from "../../../src/agent-memory/embedding/embedder.ts";
import { embeddingParams } from "../../../src/agent-memory/embedding/params.ts";
import { realEffects } from "../../../src/core/effects.ts";

const [root = ".", end] = process.argv.slice(2);
const params = embeddingParams.parse({ threads: 2 });
const opening = openEmbedder({ root, params, effects: realEffects });
if (end === "opening") setTimeout(() => process.exit(7), 150);
else {
  const embedder = await opening;
  const texts = Array.from({ length: 5000 }, (_, i) => `a sentence of some words, number ${i}`);
  void embedder.embed(texts);
  await embedder.embedQuery("by now it is busy");
  if (end === "throwing") throw new Error("thrown on purpose");
  process.exit(7);
}

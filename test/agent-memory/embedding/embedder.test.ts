import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Embedder, openEmbedder } from "../../../src/agent-memory/embedding/embedder.ts";
import { knownFacts } from "../../../src/agent-memory/embedding/model-facts.ts";
import { embeddingParams } from "../../../src/agent-memory/embedding/params.ts";
import { realEffects } from "../../../src/core/effects.ts";
import { TOKENIZER, writeModelFolder } from "./model-folder.ts";

const root = mkdtempSync(join(tmpdir(), "duetmind-embedder-"));
const open = (params: object = {}) =>
  openEmbedder({ root, params: embeddingParams.parse(params), effects: realEffects });
let embedder: Embedder;

beforeAll(async () => {
  embedder = await open();
});
afterAll(async () => {
  await embedder.close();
  rmSync(root, { recursive: true });
});

const SENTENCES = [
  "Patient shows high MMSE but APOE4 genotype",
  "The invoice was paid twice by mistake",
  "Risk of dementia rises with age",
  "Zürich liegt an der Limmat",
  "日本語のテキスト",
  "",
];

describe("the default model", () => {
  test("says what it is", () => {
    expect(embedder).toMatchObject({ model: "all-MiniLM-L6-v2", dimensions: 384 });
    expect(embedder.fingerprint).toMatch(/^sha256:[0-9a-f]{64}$/);
  });

  test("gives vectors of length 1, one a short text, in the order of the texts", async () => {
    const vectors = await embedder.embed(SENTENCES);
    expect(vectors.map((chunks) => chunks.length)).toEqual(SENTENCES.map(() => 1));
    for (const [vector] of vectors) expect(dot(vector!, vector!)).toBeCloseTo(1, 5);
    const [first] = await embedder.embed(["Patient shows high MMSE but APOE4 genotype"]);
    expect(first).toEqual(vectors[0]);
  });

  test("a text has the same bytes alone, among others, twice, and as a query", async () => {
    const together = await embedder.embed([...SENTENCES, ...SENTENCES].reverse());
    for (const [i, text] of SENTENCES.entries()) {
      const [alone] = await embedder.embed([text]);
      expect(together[SENTENCES.length - 1 - i]).toEqual(alone);
      expect(together[2 * SENTENCES.length - 1 - i]).toEqual(alone);
      expect([await embedder.embedQuery(text)]).toEqual(alone);
    }
  });

  test("another process of the project has the same fingerprint and the same bytes", async () => {
    const again = await open();
    expect(again.fingerprint).toBe(embedder.fingerprint);
    expect(await again.embed(SENTENCES)).toEqual(await embedder.embed(SENTENCES));
    await again.close();
  });

  test("a long text is chunked, and its end counts", async () => {
    const filler = "The weather was mild and nothing else happened that day. ".repeat(60);
    const [chunks] = await embedder.embed([`${filler}The patient carries the APOE4 genotype.`]);
    expect(chunks!.length).toBeGreaterThan(2);
    const query = await embedder.embedQuery("APOE4 genotype of the patient");
    const similarities = chunks!.map((chunk) => dot(chunk, query));
    expect(Math.max(...similarities)).toBe(similarities.at(-1));
    for (const chunk of chunks!) expect(dot(chunk, chunk)).toBeCloseTo(1, 5);
  });

  test("half characters, control characters and empty texts have vectors that are defined", async () => {
    const embed = async (text: string) => (await embedder.embed([text]))[0]![0]!;
    expect(await embed("age \ud800 70")).toEqual(await embed("age \ufffd 70"));
    expect(await embed("age\u0000 70\u0007")).toEqual(await embed("age 70"));
    expect(await embed("   \n")).toEqual(await embed(""));
    expect(await embedder.embed([])).toEqual([]);
  });

  test("a word of a megabyte is one text as any other", async () => {
    const [chunks] = await embedder.embed(["x".repeat(1 << 20)]);
    expect(chunks).toHaveLength(1);
  });
});

describe("a lazy embedder", () => {
  test("says what the opened model says, and reads its files with the first text only", async () => {
    const other = mkdtempSync(join(tmpdir(), "duetmind-lazy-"));
    const params = embeddingParams.parse({});
    const lazy = await openEmbedder({ root: other, params, effects: realEffects, isLazy: true });
    const { fingerprint, model, runtime, dimensions } = embedder;
    expect(lazy).toMatchObject({ fingerprint, model, runtime, dimensions });
    expect(existsSync(join(other, ".duetmind"))).toBe(false);
    expect(await lazy.embed(SENTENCES)).toEqual(await embedder.embed(SENTENCES));
    expect(existsSync(join(other, ".duetmind", "models"))).toBe(true);
    await lazy.close();
    rmSync(other, { recursive: true });
  });

  test.each([{ runtime: "wasm" }, { max_tokens: 128 }])(
    "says of %j what its threads say",
    async (params) => {
      const opened = await open(params);
      const facts = await knownFacts(embeddingParams.parse(params));
      expect(opened).toMatchObject(facts!);
      await opened.close();
    },
  );

  test("refuses more tokens than the model has places for at once", async () => {
    await expect(knownFacts(embeddingParams.parse({ max_tokens: 513 }))).rejects.toMatchObject({
      code: "CONFIG_INVALID",
      message: expect.stringContaining("at most 512"),
    });
  });

  test("opens a folder at once, which says what it is by its files only", async () => {
    writeModelFolder(join(root, "other"), {});
    const params = embeddingParams.parse({ model: "other" });
    const lazy = await openEmbedder({ root, params, effects: realEffects, isLazy: true });
    expect(lazy).toMatchObject({ model: "other", dimensions: 3 });
    await lazy.close();
  });
});

test("a thread that finds the files of the model changed is not used beside the others", async () => {
  const folder = join(root, "changes");
  const vocab = { "[UNK]": 0, red: 1, boom: 700 };
  const tokenizer = JSON.stringify({ ...TOKENIZER, model: { ...TOKENIZER.model, vocab } });
  writeModelFolder(folder, {}, { "tokenizer.json": tokenizer });
  const other = await open({ model: "changes" });
  await expect(other.embed(["boom"])).rejects.toMatchObject({ code: "FILE_UNREADABLE" });
  writeModelFolder(folder, {});
  await expect(other.embed(["red"])).rejects.toMatchObject({ code: "CHECKSUM_MISMATCH" });
  await other.close();
});

test("a question is answered while a long text is read", async () => {
  const order: string[] = [];
  const page = "The weather was mild and nothing else happened that day. ".repeat(500);
  const long = embedder.embed([page]).then(() => order.push("page"));
  await embedder.embedQuery("What was the weather like?").then(() => order.push("question"));
  await long;
  expect(order).toEqual(["question", "page"]);
});

test("a call that is aborted ends, and the others go on", async () => {
  const stop = new AbortController();
  const many = Array.from({ length: 500 }, (_, i) => `sentence number ${i}`);
  const aborted = embedder.embed(many, { signal: stop.signal });
  const other = embedder.embed(["another sentence"]);
  stop.abort();
  await expect(aborted).rejects.toMatchObject({ code: "INTERRUPTED" });
  expect(await other).toHaveLength(1);
  await expect(embedder.embed(["x"], { signal: stop.signal })).rejects.toMatchObject({
    code: "INTERRUPTED",
  });
});

test("two threads give what one gives", async () => {
  const two = await open({ threads: 2 });
  const texts = Array.from({ length: 64 }, (_, i) => `sentence number ${i % 50} of some`);
  expect(await two.embed(texts)).toEqual(await embedder.embed(texts));
  await two.close();
  await expect(two.embed(["x"])).rejects.toThrow("expected to be open");
});

test("a thread that fails at a text fails that call, and the next text has another thread", async () => {
  const vocab = { "[UNK]": 0, red: 1, boom: 700 }; // the graph has no row 700
  const tokenizer = JSON.stringify({ ...TOKENIZER, model: { ...TOKENIZER.model, vocab } });
  writeModelFolder(join(root, "fails"), {}, { "tokenizer.json": tokenizer });
  const other = await open({ model: "fails" });
  await expect(other.embed(["boom"])).rejects.toMatchObject({
    code: "FILE_UNREADABLE",
    message: expect.stringContaining(join(root, "fails", "model.onnx")),
  });
  expect(await other.embedQuery("red")).toEqual(Float32Array.of(1, 0, 0));
  await other.close();
});

test("a model that cannot be opened is an error of its own, over the thread", async () => {
  await expect(open({ model: "nowhere" })).rejects.toMatchObject({
    name: "DuetMindError",
    code: "FILE_NOT_FOUND",
    message: `${join(root, "nowhere", "model.onnx")}: expected a file, got nothing at this path`,
  });
});

test("the graph is built once and kept with its digest", () => {
  const kept = readdirSync(join(root, ".duetmind", "models")).sort();
  expect(kept.slice(1)).toEqual([`${kept[0]}.lock`, `${kept[0]}.sha256`]);
});

test("WebAssembly gives nearly the same vectors, under another fingerprint", async () => {
  const wasm = await open({ runtime: "wasm" });
  expect(wasm.runtime).toBe("wasm");
  const [ours, theirs] = [await embedder.embed(SENTENCES), await wasm.embed(SENTENCES)];
  for (const [i, [vector]] of ours.entries()) {
    expect(dot(vector!, theirs[i]![0]!)).toBeGreaterThan(0.98);
  }
  if (embedder.runtime === "native") expect(wasm.fingerprint).not.toBe(embedder.fingerprint);
  await wasm.close();
});

function dot(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, value, i) => sum + value * b[i]!, 0);
}

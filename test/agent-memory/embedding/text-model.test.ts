import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { embeddingParams } from "../../../src/agent-memory/embedding/params.ts";
import { openTextModel } from "../../../src/agent-memory/embedding/text-model.ts";
import { type TestModel, TOKENIZER, testGraph, writeModelFolder } from "./model-folder.ts";

const root = mkdtempSync(join(tmpdir(), "duetmind-model-"));
afterAll(() => rmSync(root, { recursive: true }));
let count = 0;

/** It has numbers that the graph has no rows for. */
const LARGER = JSON.stringify({
  ...TOKENIZER,
  model: { ...TOKENIZER.model, vocab: { "[UNK]": 700 } },
});
/** It has no number for a word that it does not know. */
const LEVEL = JSON.stringify({
  ...TOKENIZER,
  model: { type: "WordLevel", vocab: { red: 0 }, unk_token: "[UNK]" },
});

function open(model: TestModel, files: Parameters<typeof writeModelFolder>[2] = {}, params = {}) {
  const folder = writeModelFolder(join(root, `model-${count++}`), model, files);
  return openTextModel({
    params: embeddingParams.parse({ model: folder, ...params }),
    folder: join(root, "graphs"),
  });
}

async function embed(text: string, ...rest: Parameters<typeof open>): Promise<number[]> {
  const model = await open(...rest);
  const vector = await model.embed(text);
  await model.close();
  return [...(vector as Float32Array)];
}

describe("a model in a folder", () => {
  test("whose graph gives tokens: their mean, of length 1", async () => {
    const [x, y, z] = await embed("red green green", {}); // (1, 4, 0) / 3
    expect(x).toBeCloseTo(1 / Math.sqrt(17));
    expect(y).toBeCloseTo(4 / Math.sqrt(17));
    expect(z).toBe(0);
  });

  test("whose pooling is the first token", async () => {
    const pooling = { "1_Pooling/config.json": '{"pooling_mode_cls_token": true}' };
    expect(await embed("blue green green", {}, pooling)).toEqual([0, 0, 1]);
  });

  test("whose graph gives one vector: that, of length 1", async () => {
    const [x, y] = await embed("red green", { output: "text" }); // (1, 2, 0)
    expect(x).toBeCloseTo(1 / Math.sqrt(5));
    expect(y).toBeCloseTo(2 / Math.sqrt(5));
  });

  test("whose graph wants a mask and types of tokens", async () => {
    const inputs = ["input_ids", "attention_mask", "token_type_ids"];
    expect(await embed("blue", { inputs })).toEqual([0, 0, 1]);
  });

  test("a vector of zeros stays one, and a text without a token has it", async () => {
    expect(await embed("mauve", {})).toEqual([0, 0, 0]);
    expect(await embed("", {})).toEqual([0, 0, 0]);
  });

  test("says its name and dimensions; its fingerprint follows every part of it", async () => {
    const { facts } = await open({});
    expect(facts).toMatchObject({ model: expect.stringMatching(/^model-\d+$/), dimensions: 3 });
    const others = [
      open({ output: "text" }),
      open({}, { "tokenizer.json": JSON.stringify({ ...TOKENIZER, normalizer: null }) }),
      open({}, { "1_Pooling/config.json": '{"pooling_mode_cls_token": true}' }),
      open({}, {}, { max_tokens: 128 }),
      open({}, {}, { runtime: "wasm" }),
    ];
    const prints = (await Promise.all(others)).map((model) => model.facts.fingerprint);
    // where only WebAssembly is installed, `auto` is the same as `wasm`
    const expected = facts.runtime === "native" ? 6 : 5;
    expect(new Set([facts.fingerprint, ...prints]).size).toBe(expected);
    expect((await open({})).facts.fingerprint).toBe(facts.fingerprint);
  });
});

describe("a model that cannot be used is named", () => {
  const cases: readonly [string, RegExp, Parameters<typeof open>][] = [
    ["no ONNX", /model\.onnx: expected an ONNX model, got/, [{}, { "model.onnx": "<html>" }]],
    [
      "cut short",
      /model\.onnx: expected an ONNX model, got/,
      [{}, { "model.onnx": testGraph({}).subarray(0, 60) }],
    ],
    ["an empty file", /model\.onnx: expected an ONNX model, got/, [{}, { "model.onnx": "" }]],
    [
      "another input",
      /model\.onnx: expected only inputs of input_ids, .*, got "pixels"/,
      [{ inputs: ["pixels"] }],
    ],
    [
      "another shape",
      /model\.onnx: expected float vectors \[1, dimensions\] or .*, got float32 \[\d+\]/,
      [{ output: "flat" }],
    ],
    [
      "another type",
      /model\.onnx: expected float vectors .*, got int64 \[1, \d+\]/,
      [{ output: "numbers" }],
    ],
    [
      "the tokenizer of a larger model",
      /model\.onnx: expected to run on the tokens of its tokenizer\.json, got/,
      [{}, { "tokenizer.json": LARGER }],
    ],
    [
      "words without a number",
      /tokenizer\.json: expected a number for every token of a text, got none for/,
      [{}, { "tokenizer.json": LEVEL }],
    ],
    ["no tokenizer", /tokenizer\.json: expected a tokenizer/, [{}, { "tokenizer.json": "{}" }]],
    [
      "texts longer than it has places for",
      /max_tokens: expected at most 128, which model-\d+ has places for, got 256/,
      [{}, { "config.json": '{"max_position_embeddings": 128}' }],
    ],
    [
      "a pooling that is not known",
      /1_Pooling\/config\.json: expected pooling by the mean/,
      [{}, { "1_Pooling/config.json": '{"pooling_mode_max_tokens": true}' }],
    ],
    [
      "a configuration that is not JSON",
      /config\.json: expected JSON, got/,
      [{}, { "config.json": "max" }],
    ],
  ];
  for (const [name, message, given] of cases) {
    test(name, async () => {
      await expect(open(...given)).rejects.toThrow(message);
    });
  }

  test("no such folder, and no tokenizer in it", async () => {
    const openFolder = (model: string) =>
      openTextModel({ params: embeddingParams.parse({ model }), folder: root });
    await expect(openFolder(join(root, "none"))).rejects.toMatchObject({ code: "FILE_NOT_FOUND" });
    const folder = writeModelFolder(join(root, "bare"));
    rmSync(join(folder, "tokenizer.json"));
    await expect(openFolder(folder)).rejects.toThrow(
      `${join(folder, "tokenizer.json")}: expected a file, got nothing`,
    );
  });
});

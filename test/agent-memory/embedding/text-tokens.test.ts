import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { findMiniLm } from "../../../src/agent-memory/embedding/minilm-source.ts";
import { createTextTokens } from "../../../src/agent-memory/embedding/text-tokens.ts";

const { tokenizerPath } = await findMiniLm();
const bytes = readFileSync(tokenizerPath);
const tokens = createTextTokens(bytes, tokenizerPath);

test("a text is not filled up to 128 tokens, nor cut at them, as the file asks for", () => {
  const shipped = JSON.parse(bytes.toString()) as Record<string, unknown>;
  expect(shipped["truncation"]).toMatchObject({ max_length: 128 });
  expect(shipped["padding"]).toMatchObject({ strategy: { Fixed: 128 } });
  expect(tokens.encode("hello world")).toEqual([101, 7592, 2088, 102]);
  const long = tokens.encode("hello ".repeat(300));
  expect(long).toHaveLength(302);
  expect(long.at(-1)).toBe(102);
  expect(tokens.marks).toBe(2);
});

test("words, accents, Chinese characters and unknown signs have the numbers of BERT's vocabulary", () => {
  expect(tokens.encode("Naïve café")).toEqual([101, 15743, 7668, 102]);
  expect(tokens.encode("日本語")).toEqual([101, 1864, 1876, 1950, 102]);
  expect(tokens.encode("😀")).toEqual([101, 100, 102]);
});

test("what is no tokenizer is refused with the name of the file", () => {
  const read = (text: string) =>
    createTextTokens(new TextEncoder().encode(text), "m/tokenizer.json");
  expect(() => read("{")).toThrow("m/tokenizer.json: expected a tokenizer as JSON, got");
  expect(() => read('{"model": {"type": "Abacus"}}')).toThrow("m/tokenizer.json: expected");
});

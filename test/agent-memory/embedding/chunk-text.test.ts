import fc from "fast-check";
import { expect, test } from "vitest";
import { chunkText } from "../../../src/agent-memory/embedding/chunk-text.ts";

/** A token for every four characters of a word, or part of four. */
const count = (text: string) =>
  text
    .split(/\s+/)
    .filter((word) => word !== "")
    .reduce((sum, word) => sum + Math.ceil(word.length / 4), 0);

const word = fc.oneof(
  fc.stringMatching(/^[a-z]{1,12}[.!?,]?$/),
  fc.string({ unit: "grapheme", minLength: 1, maxLength: 60 }),
);
const text = fc
  .array(fc.tuple(word, fc.constantFrom(" ", "  ", "\n", "\n\n")), { minLength: 1, maxLength: 200 })
  .map((words) => words.flat().join(""));
const limits = fc
  .integer({ min: 16, max: 60 })
  .chain((tokens) =>
    fc.record({ tokens: fc.constant(tokens), overlap: fc.integer({ min: 0, max: tokens >> 2 }) }),
  );

test("chunks are pieces of the text, in order, that fit and leave nothing out", () => {
  fc.assert(
    fc.property(text, limits, (given, limit) => {
      const chunks = chunkText(given, limit, count);
      let covered = 0;
      let from = 0;
      for (const chunk of chunks) {
        expect(count(chunk)).toBeLessThanOrEqual(limit.tokens);
        // the earliest place that leaves no gap is the one it was taken from, or as good
        const at = given.indexOf(chunk, from);
        expect(at).toBeGreaterThanOrEqual(0);
        expect(at).toBeLessThanOrEqual(covered);
        covered = Math.max(covered, at + chunk.length);
        from = at;
      }
      expect(covered).toBe(given.length);
    }),
  );
});

test("a chunk ends with a sentence where one ends in its second half", () => {
  const sentence = "One two three four five. "; // 7 tokens
  expect(chunkText(sentence.repeat(5), { tokens: 16, overlap: 0 }, count)).toEqual([
    ...[sentence.repeat(2), sentence.repeat(2), sentence],
  ]);
});

test("a chunk begins with the last words of the one before", () => {
  const words = Array.from({ length: 30 }, (_, i) => `w${i} `);
  const chunks = chunkText(words.join(""), { tokens: 16, overlap: 4 }, count);
  expect(chunks).toEqual([
    words.slice(0, 16).join(""),
    words.slice(12, 28).join(""),
    words.slice(24).join(""),
  ]);
});

test("text without spaces is cut between characters, never through one", () => {
  const text = "😀".repeat(200);
  const chunks = chunkText(text, { tokens: 16, overlap: 0 }, count);
  expect(chunks.join("")).toBe(text);
  expect(chunks.every((chunk) => chunk.isWellFormed())).toBe(true);
  const japanese = "今日は晴れです。".repeat(20);
  const [first] = chunkText(japanese, { tokens: 16, overlap: 0 }, count);
  expect(first).toMatch(/。$/);
});

test("megabytes of white space, and among it, take no longer than other text", () => {
  const wide = (text: string) => Math.ceil(text.length / 4);
  const spaces = " ".repeat(1 << 20);
  expect(chunkText(spaces, { tokens: 1 << 12, overlap: 0 }, wide).join("")).toBe(spaces);
  const text = `${spaces}one${spaces}two${spaces}`;
  expect(chunkText(text, { tokens: 1 << 12, overlap: 0 }, wide).join("")).toBe(text);
});

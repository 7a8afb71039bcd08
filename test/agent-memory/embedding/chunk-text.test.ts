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
  .integer({ min: 12, max: 60 })
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

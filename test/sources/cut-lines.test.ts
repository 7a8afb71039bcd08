import fc from "fast-check";
import { expect, test } from "vitest";
import { cutLines } from "../../src/sources/cut-lines.ts";

async function cut(buffers: readonly Buffer[], blockBytes: number) {
  const blocks = [];
  let open: Buffer[] = [];
  for await (const { bytes, longestLine, endsBlock } of cutLines(arriving(buffers), blockBytes)) {
    open.push(bytes);
    if (!endsBlock) continue;
    blocks.push({ text: Buffer.concat(open).toString(), longestLine });
    open = [];
  }
  expect(open).toEqual([]);
  return blocks;
}

async function* arriving(buffers: readonly Buffer[]) {
  yield* buffers;
}

const lines = fc.array(fc.string({ unit: fc.constantFrom("a", "é", "\t"), maxLength: 12 }));

test("however a stream arrives, it is cut at the same lines and nothing is lost", async () => {
  await fc.assert(
    fc.asyncProperty(
      lines,
      fc.array(fc.nat(40)),
      fc.integer({ min: 1, max: 30 }),
      async (rows, cuts, size) => {
        const whole = Buffer.from(rows.map((row) => `${row}\n`).join(""));
        const places = [
          0,
          ...cuts.map((at) => at % (whole.length + 1)).sort((a, b) => a - b),
          whole.length,
        ];
        const pieces = places.slice(1).map((end, i) => whole.subarray(places[i], end));
        const atOnce = await cut([whole], size);
        const inPieces = await cut(pieces, size);
        expect(inPieces.map(({ text }) => text)).toEqual(atOnce.map(({ text }) => text));
        expect(inPieces.map(({ text }) => text).join("")).toBe(whole.toString());
        for (const { text, longestLine } of inPieces) {
          const longest = Math.max(0, ...text.split("\n").map((line) => Buffer.byteLength(line)));
          expect(longestLine).toBeGreaterThanOrEqual(longest);
          const before = text.split("\n").slice(0, -2);
          expect(Buffer.byteLength(before.map((line) => `${line}\n`).join(""))).toBeLessThan(size);
        }
      },
    ),
  );
});

test("a stream without a line makes one empty block", async () => {
  expect(await cut([], 8)).toEqual([{ text: "", longestLine: 0 }]);
});

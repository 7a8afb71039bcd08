import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { embeddingParams } from "../../../src/agent-memory/embedding/params.ts";
import { openTextModel } from "../../../src/agent-memory/embedding/text-model.ts";
import { PAIRS } from "../../interop/lat-embed-0.2.0/pairs.ts";

/** What @lat.md/embed 0.2.0 (candle, floats) says of the pairs: scripts/record-similarities.ts. */
const RECORDED = JSON.parse(
  readFileSync(
    join(import.meta.dirname, "../../interop/lat-embed-0.2.0/similarities.json"),
    "utf8",
  ),
) as readonly number[];

const folder = mkdtempSync(join(tmpdir(), "duetmind-similarities-"));
afterAll(() => rmSync(folder, { recursive: true }));

async function similarities(params: object): Promise<number[]> {
  const model = await openTextModel({ params: embeddingParams.parse(params), folder });
  const values: number[] = [];
  for (const [first, second] of PAIRS) {
    const a = (await model.embed(first)) as Float32Array;
    const b = (await model.embed(second)) as Float32Array;
    values.push(a.reduce((sum, value, i) => sum + value * b[i]!, 0));
  }
  await model.close();
  return values;
}

test("as floats the graph says what another implementation of the model says", async () => {
  const ours = await similarities({ dtype: "fp32" });
  expect(RECORDED).toHaveLength(PAIRS.length);
  for (const [i, value] of ours.entries()) expect(value).toBeCloseTo(RECORDED[i]!, 4);
});

test("as int8 it differs little, natively and as WebAssembly", async () => {
  for (const runtime of ["auto", "wasm"]) {
    for (const [i, value] of (await similarities({ runtime })).entries()) {
      expect(Math.abs(value - RECORDED[i]!), `${runtime}: ${PAIRS[i]}`).toBeLessThan(0.06);
    }
  }
});

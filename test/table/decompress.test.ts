import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { decompress } from "../../src/table/decompress.ts";
import { lit, raw, sql } from "../../src/table/sql.ts";
import { scratchEngine, scratchFolder } from "./scratch.ts";

/** A file of many blocks, compressed by DuckDB's own zstd or gzip. */
async function compressed(extension: "gz" | "zst"): Promise<Buffer> {
  const engine = await scratchEngine();
  const path = join(scratchFolder(), `rows.csv.${extension}`);
  const compression = raw(extension === "gz" ? "gzip" : "zstd");
  await engine.run(
    sql`COPY (SELECT i, hash(i) AS h FROM range(40000) AS t(i)) TO ${lit(path)} (FORMAT csv, COMPRESSION ${compression})`,
  );
  return readFileSync(path);
}

async function plainBytes(path: string, extension: "gz" | "zst"): Promise<number> {
  let total = 0;
  const kind = extension === "gz" ? "gzip" : "zstd";
  for await (const { length } of decompress(path, kind, {})) total += length;
  return total;
}

test.each(["gz", "zst"] as const)(
  "a .%s file cut anywhere is never taken for a whole one",
  async (extension) => {
    const whole = await compressed(extension);
    const path = join(scratchFolder(), `cut.csv.${extension}`);
    writeFileSync(path, whole);
    expect(await plainBytes(path, extension)).toBeGreaterThan(800_000);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: whole.length - 1 }), async (length) => {
        writeFileSync(path, whole.subarray(0, length));
        await expect(plainBytes(path, extension)).rejects.toMatchObject({
          code: "FILE_UNREADABLE",
          message: expect.stringContaining("got one that was cut short"),
        });
      }),
      { numRuns: 60 },
    );
  },
);

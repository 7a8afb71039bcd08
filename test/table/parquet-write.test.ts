import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { digestFile } from "../../src/core/hash.ts";
import { createRandom } from "../../src/core/random.ts";
import type { Engine } from "../../src/table/engine.ts";
import { writeParquet, writeScan } from "../../src/table/parquet-write.ts";
import { openSource, withSource } from "../../src/table/source.ts";
import { id, lit, type Sql, sql } from "../../src/table/sql.ts";
import { scratchEngine, scratchFile, scratchFolder } from "./scratch.ts";

/** Uneven lines, so that DuckDB's batches end at uneven rows; 24 MB are three batches and more. */
function makeCsv(): string {
  const random = createRandom("parquet-write");
  const lines = ["id,site,age,score,note"];
  for (let row = 0; row < 400_000; row++) {
    const note = "n".repeat(random.integer(60));
    lines.push(`${row},S${random.integer(9)},${random.integer(90)},${random.uniform()},${note}`);
  }
  return scratchFile("big.csv", `${lines.join("\n")}\n`);
}

async function digestsByThreads(
  write: (engine: Engine, path: string) => Promise<void>,
): Promise<Set<string>> {
  const digests = new Set<string>();
  for (const threads of [1, 2, 4, 1, 2, 4]) {
    const engine = await scratchEngine({ threads });
    const path = join(scratchFolder(), "x.parquet");
    await write(engine, path);
    digests.add(digestFile(path).digest);
  }
  return digests;
}

test("the same bytes for 1, 2 and 4 threads, twice each", async () => {
  const csv = makeCsv();
  const scans = await digestsByThreads((engine, path) =>
    withSource(engine, { path: csv }, [{ path: csv }], (query) => writeScan(engine, query, path)),
  );
  expect(scans.size).toBe(1);

  const raw = join(scratchFolder(), "raw.parquet");
  const engine = await scratchEngine();
  await withSource(engine, { path: csv }, [{ path: csv }], (query) =>
    writeScan(engine, query, raw),
  );
  const from = sql`read_parquet(${lit(raw)})`;
  const cases: readonly [string, Sql][] = [
    ["filter", sql`SELECT * FROM ${from} WHERE age > 30`],
    ["sorted filter", sql`SELECT *, age * 2 AS twice FROM ${from} WHERE age > 30 ORDER BY id`],
    [
      "join",
      sql`SELECT a.id, b.note FROM ${from} AS a JOIN ${from} AS b ON a.id = b.id + 1 ORDER BY a.id`,
    ],
  ];
  for (const [name, query] of cases) {
    const digests = await digestsByThreads((each, path) => writeParquet(each, query, path));
    expect([name, digests.size]).toEqual([name, 1]);
  }
}, 120_000);

test("rows come back in the order of the query", async () => {
  const csv = makeCsv();
  const engine = await scratchEngine({ threads: 4 });
  const path = join(scratchFolder(), "x.parquet");
  await withSource(engine, { path: csv }, [{ path: csv }], (query) =>
    writeScan(engine, query, path),
  );
  const { numbered } = await openSource(engine, { path });
  const [row] = await engine.rows(
    sql`SELECT count(*) FILTER (WHERE id <> ${id("__row__")}) AS moved, count(*) AS n FROM ${numbered}`,
  );
  expect(row).toEqual({ moved: 0, n: 400_000 });
});

test.skipIf(!existsSync("/dev/full"))("a full disk is DISK_FULL (needs /dev/full)", async () => {
  const engine = await scratchEngine();
  await expect(writeParquet(engine, sql`SELECT 1 AS a`, "/dev/full")).rejects.toMatchObject({
    code: "DISK_FULL",
    exitCode: 3,
  });
});

test("nothing is fetched: only what is built in is loaded", async () => {
  const engine = await scratchEngine();
  const settings = await engine.rows(
    sql`SELECT name, value FROM duckdb_settings() WHERE name LIKE 'auto%extensions' ORDER BY name`,
  );
  expect(settings.map((row) => row["value"])).toEqual(["false", "false"]);
  await expect(
    engine.rows(sql`SELECT * FROM read_csv('https://localhost:1/x.csv')`),
  ).rejects.toThrow(/httpfs|extension/);
});

import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { loadFrugalDuckDb } from "../../src/cli/load-duckdb.ts";
import { loadDuckDb } from "../../src/table/engine.ts";

const VARIABLE = "DUCKDB_JE_MALLOC_CONF";
const seen: (string | undefined)[] = [];

beforeEach(() => {
  vi.resetModules();
  seen.length = 0;
  // stands for the library, whose allocator reads the variable when it is loaded
  vi.doMock("@duckdb/node-api", () => {
    seen.push(process.env[VARIABLE]);
    return { DuckDBInstance: {} };
  });
});

afterEach(() => vi.unstubAllEnvs());

test("the allocator is told how long to keep what is freed while the library is loaded, and no process after it", async () => {
  vi.stubEnv(VARIABLE, undefined);
  await loadFrugalDuckDb(30);
  expect(seen).toEqual(["narenas:1,dirty_decay_ms:30,muzzy_decay_ms:0"]);
  expect(process.env[VARIABLE]).toBeUndefined();
});

test("what the user told the allocator stays", async () => {
  vi.stubEnv(VARIABLE, "dirty_decay_ms:500");
  await loadFrugalDuckDb(0);
  await loadDuckDb();
  expect(seen).toEqual(["dirty_decay_ms:500"]);
  expect(process.env[VARIABLE]).toBe("dirty_decay_ms:500");
});

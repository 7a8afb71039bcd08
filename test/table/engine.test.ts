import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { constants, type PerformanceEntry, PerformanceObserver } from "node:perf_hooks";
import { setTimeout } from "node:timers/promises";
import { expect, test } from "vitest";
import { openEngine } from "../../src/table/engine.ts";
import { sql } from "../../src/table/sql.ts";
import { scratchFolder } from "./scratch.ts";

test("fresh files are new each time and go with the engine", async () => {
  const engine = await openEngine();
  const paths = [engine.freshFile(), engine.freshFile()] as const;
  expect(paths[0]).not.toBe(paths[1]);
  for (const path of paths) writeFileSync(path, "rows", { flag: "wx" });
  engine.close();
  expect(existsSync(dirname(paths[0]))).toBe(false);
});

test("fresh files of an engine with a folder of its caller lie in that folder", async () => {
  const folder = scratchFolder();
  const engine = await openEngine({ tempDirectory: join(folder, "spill") });
  writeFileSync(engine.freshFile(), "rows", { flag: "wx" });
  engine.close();
  expect(readdirSync(join(folder, "spill"))).toHaveLength(1);
});

test("trimming memory keeps the limit that was set last", async () => {
  const engine = await openEngine({ memoryLimitMb: 300 });
  const limit = () => engine.rows(sql`SELECT current_setting('memory_limit') AS is`);
  try {
    const first = await limit();
    await engine.trimMemory();
    expect(await limit()).toEqual(first);
    await engine.limitMemory(200);
    const second = await limit();
    expect(second).not.toEqual(first);
    await engine.trimMemory();
    expect(await limit()).toEqual(second);
  } finally {
    engine.close();
  }
});

test("trimming a large process has V8 give back what it does not use", async () => {
  const engine = await openEngine({ threads: 1 });
  const held = Buffer.alloc(200 * 2 ** 20, 1); // makes the process a large one
  const kinds: number[] = [];
  const observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      kinds.push((entry as PerformanceEntry & { detail: { kind: number } }).detail.kind);
    }
  });
  try {
    await setTimeout(300); // what V8 collects for so large a buffer is done
    observer.observe({ entryTypes: ["gc"] });
    await engine.trimMemory();
    await setTimeout(50);
    expect(kinds).toContain(constants.NODE_PERFORMANCE_GC_MAJOR);
  } finally {
    observer.disconnect();
    engine.close();
  }
  expect(held[0]).toBe(1);
});

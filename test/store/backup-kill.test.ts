import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { expect, test } from "vitest";
import { realEffects } from "../../src/core/effects.ts";
import { listBackups } from "../../src/store/backup-files.ts";
import { openDatabase } from "../../src/store/database.ts";
import { readDumpFile } from "../../src/store/dump-file.ts";
import { majorOf } from "../../src/store/embedded-folder.ts";
import { embeddedPaths } from "../../src/store/embedded-paths.ts";
import { defaultDatabaseParams, temporaryFolder } from "../support/database.ts";

const METRICS = 40_000;

/** Starts a process that opens and closes; it is killed so long after its first line, or its start. */
async function startAndKill(
  root: string,
  count: number,
  kill?: Readonly<{ after: "closing" | "start"; delayMs: number }>,
): Promise<readonly string[]> {
  const script = join(import.meta.dirname, "open-and-close.mjs");
  const argv = [script, root, String(count)];
  const child = spawn(process.execPath, argv, { stdio: ["ignore", "pipe", "inherit"] });
  const closed = once(child, "close");
  const lines: string[] = [];
  const killLater = () => {
    if (kill !== undefined) setTimeout(() => child.kill("SIGKILL"), kill.delayMs);
  };
  if (kill?.after === "start") killLater();
  createInterface({ input: child.stdout }).on("line", (line) => {
    lines.push(line);
    if (line === kill?.after) killLater();
  });
  await closed;
  return lines;
}

async function countMetrics(root: string): Promise<number> {
  const options = { root, env: {}, params: defaultDatabaseParams, effects: realEffects };
  const database = await openDatabase(options);
  const rows = await database.kysely
    .selectFrom("metrics")
    .select((eb) => eb.fn.countAll<number>().as("n"))
    .execute();
  await database.close();
  return rows[0]!.n;
}

/** Every dump under its own name is whole: it ends with its last line. */
async function expectWholeDumps(root: string): Promise<number> {
  const backups = listBackups(embeddedPaths(root).backups);
  for (const { path } of backups) {
    let last: unknown;
    for await (const lines of readDumpFile(path)) last = lines.at(-1) ?? last;
    expect(last).toMatchObject({ kind: "end" });
  }
  return backups.length;
}

test("a kill in the middle of the dump leaves the rows and no half dump", async () => {
  const root = temporaryFolder();
  let killed = 0;
  for (const [i, delayMs] of [0, 100, 400].entries()) {
    const kill = { after: "closing", delayMs } as const;
    const lines = await startAndKill(root, i === 0 ? METRICS : 0, kill);
    expect(lines[0]).toBe("closing");
    if (lines.length === 1) killed += 1;
    await expectWholeDumps(root);
  }
  expect(killed).toBeGreaterThan(0);
  expect(await countMetrics(root)).toBe(METRICS);
  expect(await expectWholeDumps(root)).toBeGreaterThan(0);
  const names = readdirSync(embeddedPaths(root).backups);
  expect(names.filter((name) => name.endsWith(".tmp"))).toEqual([]);
}, 180_000);

test("a kill in the middle of the restore leaves the old folder or the dump to restore from", async () => {
  const root = temporaryFolder();
  const { folder } = embeddedPaths(root);
  expect(await startAndKill(root, METRICS)).toEqual(["closing", "closed"]);
  writeFileSync(join(folder, "PG_VERSION"), "17\n");
  let killed = 0;
  for (const delayMs of [600, 1_500, 3_000]) {
    const lines = await startAndKill(root, 0, { after: "start", delayMs });
    const kept = `${folder}.postgresql-17`;
    if (lines.length > 0) {
      expect(majorOf(kept)).toBe("17");
      break; // it was quicker than the kill
    }
    killed += 1;
    expect([majorOf(folder), majorOf(kept)]).toContain("17");
  }
  expect(killed).toBeGreaterThan(0);
  expect(await countMetrics(root)).toBe(METRICS);
  expect(majorOf(folder)).toBe("18");
  expect(existsSync(`${folder}.postgresql-17-2`)).toBe(false);
  const names = readdirSync(join(root, ".duetmind"));
  expect(names.sort()).toEqual(["backup", "db", "db.lock", "db.postgresql-17"]);
}, 180_000);

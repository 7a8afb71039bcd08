import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { expect, test } from "vitest";
import { realEffects } from "../../src/core/effects.ts";
import { isLock, tryProcessLock } from "../../src/core/process-lock.ts";
import { openDatabase } from "../../src/store/database.ts";
import { defaultDatabaseParams, temporaryFolder } from "../support/database.ts";

type Inserter = Readonly<{ child: ChildProcess; lines: string[]; ended: Promise<number | null> }>;

/** Starts a real process that inserts `count` rows; each committed row is a line. */
function startInserter(root: string, name: string, count: number, waitSeconds = 30): Inserter {
  const script = join(import.meta.dirname, "open-and-insert.mjs");
  const argv = [script, root, name, String(count), String(waitSeconds)];
  const child = spawn(process.execPath, argv, { stdio: ["ignore", "pipe", "inherit"] });
  const lines: string[] = [];
  createInterface({ input: child.stdout! }).on("line", (line) => lines.push(line));
  return { child, lines, ended: once(child, "close").then(([code]) => code as number | null) };
}

async function until(done: () => boolean, child: ChildProcess): Promise<void> {
  while (!done()) {
    if (child.exitCode !== null) throw new Error("the process ended early");
    await once(child.stdout!, "data");
    await new Promise((resolve) => setImmediate(resolve));
  }
}

async function namesIn(root: string): Promise<Set<string>> {
  const options = { root, env: {}, params: defaultDatabaseParams, effects: realEffects };
  const database = await openDatabase(options);
  try {
    const experiments = await database.kysely.selectFrom("experiments").select("name").execute();
    const models = await database.kysely.selectFrom("model_registry").select("name").execute();
    const names = experiments.map(({ name }) => name).filter((name) => name !== "Default");
    expect(models.map(({ name }) => name).sort()).toEqual(names.sort()); // nothing half done
    return new Set(names);
  } finally {
    await database.close();
  }
}

test("eight processes at once on a new folder lose no row", async () => {
  const root = temporaryFolder();
  const inserters = Array.from({ length: 8 }, (_, i) => startInserter(root, `p${i}`, 25));
  const codes = await Promise.all(inserters.map(({ ended }) => ended));
  expect(
    inserters.flatMap(({ lines }) => lines.filter((line) => line.startsWith("error"))),
  ).toEqual([]);
  expect(codes).toEqual(Array(8).fill(0));
  const expected = inserters.flatMap((_, i) => Array.from({ length: 25 }, (_, k) => `p${i}-${k}`));
  expect([...(await namesIn(root))].sort()).toEqual(expected.sort());
});

test("when the owner is killed, the others go on and every committed row is there", async () => {
  const root = temporaryFolder();
  const owner = startInserter(root, "owner", 100_000);
  await until(() => owner.lines.length > 5, owner.child);
  const clients = Array.from({ length: 3 }, (_, i) => startInserter(root, `c${i}`, 60));
  for (const client of clients) await until(() => client.lines.length > 3, client.child);
  owner.child.kill("SIGKILL");
  await owner.ended;
  await Promise.all(clients.map(({ ended }) => ended));
  const present = await namesIn(root);
  const all = [owner, ...clients];
  const committed = all.flatMap(({ lines }) => lines.filter((line) => /^(owner|c)\d*-/.test(line)));
  expect(committed.filter((name) => !present.has(name))).toEqual([]);
  for (const { lines } of clients) {
    // A client was between two statements and went on, or in one and says so.
    const failed = lines.filter((line) => line.startsWith("error"));
    for (const line of failed) expect(line).toMatch(/^error DATABASE_UNAVAILABLE .*owns it/);
    if (failed.length === 0) expect(lines).toHaveLength(61);
  }
});

test("when the owner leaves, its clients go on without an error", async () => {
  const root = temporaryFolder();
  const owner = startInserter(root, "owner", 30);
  await until(() => owner.lines.length > 0, owner.child);
  const client = startInserter(root, "client", 300);
  expect(await owner.ended).toBe(0);
  const code = await client.ended;
  expect(client.lines.filter((line) => line.startsWith("error"))).toEqual([]);
  expect(code).toBe(0);
  expect(client.lines).toHaveLength(301);
  expect((await namesIn(root)).size).toBe(330);
});

test("a database that another process holds and does not offer is DATABASE_LOCKED", async () => {
  const root = temporaryFolder();
  const lock = tryProcessLock(join(root, ".duetmind", "db.lock"), new Date("2026-01-02T03:04:05Z"));
  if (!isLock(lock)) throw new Error("expected the lock");
  const options = { root, env: {}, params: defaultDatabaseParams, effects: realEffects };
  await expect(openDatabase({ ...options, waitMs: 60 })).rejects.toMatchObject({
    code: "DATABASE_LOCKED",
    exitCode: 3,
    message: expect.stringContaining(
      `expected the database to be free within 0.06 s, got held by process ${process.pid} since 2026-01-02T03:04:05.000Z`,
    ),
  });
  lock.release();
  await (await openDatabase(options)).close();
});

test("a kill during the first start leaves nothing half done", async () => {
  const root = temporaryFolder();
  for (const delay of [60, 150, 250, 350, 450]) {
    const { child, ended } = startInserter(root, `k${delay}`, 1_000);
    setTimeout(() => child.kill("SIGKILL"), delay);
    await ended;
  }
  await namesIn(root);
  expect(readFileSync(join(root, ".duetmind", "db", "PG_VERSION"), "utf8").trim()).toBe("18");
});

test("a kill while the lock file of PostgreSQL is written does not keep the folder closed", async () => {
  const root = temporaryFolder();
  expect((await namesIn(root)).size).toBe(0);
  writeFileSync(join(root, ".duetmind", "db", "postmaster.pid"), "");
  expect((await namesIn(root)).size).toBe(0);
});

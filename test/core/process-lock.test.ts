import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { livenessOf, ownIdentity } from "../../src/core/process-identity.ts";
import { isLock, type LockHolder, tryProcessLock } from "../../src/core/process-lock.ts";
import { temporaryFolder } from "../support/database.ts";

const NOW = new Date("2026-01-02T03:04:05.000Z");

function take(folder: string) {
  const lock = tryProcessLock(folder, NOW);
  if (!isLock(lock)) throw new Error(`expected the lock, got held by ${lock.pid}`);
  return lock;
}

function holderOf(folder: string): LockHolder {
  const result = tryProcessLock(folder, NOW);
  if (isLock(result)) throw new Error("expected a holder, got the lock");
  return result;
}

/** A lock file as another process would leave it. */
function leaveLock(folder: string, change: Partial<LockHolder>): string {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, "7.json");
  const holder = { ...ownIdentity(), since: NOW.toISOString(), released: false, note: {} };
  writeFileSync(path, JSON.stringify({ ...holder, ...change }));
  return path;
}

function deadPid(): number {
  return spawnSync(process.execPath, ["-e", ""]).pid;
}

test("a lock is held until it is released, and its note is read by others", () => {
  const folder = temporaryFolder();
  const lock = take(folder);
  lock.announce({ host: "/tmp/x", port: 1 });
  const holder = { ...ownIdentity(), since: NOW.toISOString(), note: { host: "/tmp/x", port: 1 } };
  expect(holderOf(folder)).toEqual({ ...holder, released: false });
  lock.release();
  take(folder).release();
});

test.each<[string, () => Partial<LockHolder>]>([
  ["of a dead process", () => ({ pid: deadPid() })],
  ["of another boot", () => ({ boot: "before" })],
  ["of a process whose pid was given out again", () => ({ started: "1" })],
  ["that was released", () => ({ released: true })],
])("a lock %s is taken over", (_name, change) => {
  const folder = temporaryFolder();
  leaveLock(folder, change());
  take(folder).release();
});

test("a lock of a living process is not", async () => {
  const folder = temporaryFolder();
  const child = spawn(process.execPath, ["-e", "process.stdin.resume()"], {
    stdio: ["pipe", "ignore", "ignore"],
  });
  await once(child, "spawn");
  leaveLock(folder, { pid: child.pid!, started: "" });
  expect(holderOf(folder).pid).toBe(child.pid);
  child.stdin!.end();
  await once(child, "exit");
  take(folder).release();
});

test("a lock of another container is taken over when it has been silent for a minute", () => {
  const folder = temporaryFolder();
  const path = leaveLock(folder, { namespace: "pid:[1]" });
  utimesSync(path, NOW.getTime() / 1000, NOW.getTime() / 1000 - 59);
  expect(holderOf(folder).namespace).toBe("pid:[1]");
  utimesSync(path, NOW.getTime() / 1000, NOW.getTime() / 1000 - 61);
  take(folder).release();
});

test("old numbers are cleared, the last but one stays", () => {
  const folder = temporaryFolder();
  for (let i = 0; i < 5; i += 1) take(folder).release();
  expect(readdirSync(folder).sort()).toEqual(["4.json", "5.json"]);
});

test("releasing after the folder was deleted is no error", () => {
  const folder = temporaryFolder();
  const lock = take(folder);
  rmSync(folder, { recursive: true });
  lock.release();
});

test("of many processes that find a stale lock, one at a time gets it", async () => {
  const folder = temporaryFolder();
  leaveLock(folder, { pid: deadPid() });
  const log = join(folder, "log");
  const module = new URL("../../dist/core/process-lock.js", import.meta.url).href;
  // Each takes the lock, says so, does some work, says so, lets go.
  const script = `
    import { appendFileSync } from "node:fs";
    import { isLock, tryProcessLock } from ${JSON.stringify(module)};
    for (let done = 0; done < 5; ) {
      const lock = tryProcessLock(${JSON.stringify(folder)}, new Date());
      if (!isLock(lock)) { await new Promise((next) => setImmediate(next)); continue; }
      appendFileSync(${JSON.stringify(log)}, "in " + process.pid + "\\n");
      for (let i = 0; i < 3; i += 1) await new Promise((next) => setImmediate(next));
      appendFileSync(${JSON.stringify(log)}, "out " + process.pid + "\\n");
      lock.release();
      done += 1;
    }`;
  const children = Array.from({ length: 6 }, () =>
    spawn(process.execPath, ["--input-type=module", "-e", script], { stdio: "inherit" }),
  );
  const codes = await Promise.all(children.map(async (child) => (await once(child, "exit"))[0]));
  expect(codes).toEqual(Array(6).fill(0));
  const lines = readFileSync(log, "utf8").trim().split("\n");
  expect(lines).toHaveLength(60);
  for (let i = 0; i < lines.length; i += 2) {
    expect(lines[i + 1]).toBe(lines[i]!.replace("in", "out")); // nobody else in between
  }
});

test("a process knows itself to be alive and a finished one to be dead", () => {
  expect(livenessOf(ownIdentity())).toBe("alive");
  expect(livenessOf({ ...ownIdentity(), pid: deadPid() })).toBe("dead");
  expect(livenessOf({ ...ownIdentity(), namespace: "pid:[1]" })).toBe("unknown");
});

test("a lock file that is none is named, with what to do", () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "1.json"), '{"pid": "one"}');
  expect(() => take(folder)).toThrow(
    `${join(folder, "1.json")}: expected who holds this lock, got {"pid": "one"}`,
  );
});

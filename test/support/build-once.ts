import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";

/**
 * vitest global set-up: worker threads and the command line run from dist/, so it is built when a
 * source file is newer than it. Several vitest runs at once take turns.
 */
const ROOT = join(import.meta.dirname, "..", "..");
const STAMP = join(ROOT, "dist", ".built");
const TURN = join(ROOT, "node_modules", ".duetmind-build");

export default async function buildOnce(): Promise<void> {
  if (isFresh()) return;
  while (!takeTurn()) await new Promise((resolve) => setTimeout(resolve, 200));
  try {
    if (isFresh()) return;
    // Types are the business of `npm run typecheck`: here an error elsewhere must not stop a test.
    execFileSync(process.execPath, [join(ROOT, "scripts", "build.mjs"), "--emit-anyway"], {
      stdio: "ignore",
    });
    writeFileSync(STAMP, "");
  } finally {
    rmSync(TURN, { recursive: true, force: true });
  }
}

function isFresh(): boolean {
  return existsSync(STAMP) && newestSource() <= statSync(STAMP).mtimeMs;
}

function newestSource(): number {
  const folders = ["src", "scripts", join("infra", "migrations")];
  const times = folders.flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => statSync(join(entry.parentPath, entry.name)).mtimeMs),
  );
  return Math.max(...times);
}

/** A folder is made by one process only; one that was left by a dead process is taken away. */
function takeTurn(): boolean {
  const pidFile = join(TURN, "pid");
  try {
    mkdirSync(TURN);
    writeFileSync(pidFile, String(process.pid));
    return true;
  } catch {
    const pid = existsSync(pidFile) ? Number(readFileSync(pidFile, "utf8")) : 0;
    if (pid > 0 && !isAlive(pid)) rmSync(TURN, { recursive: true, force: true });
    return false;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const WAIT_MS = 500;
const LOCK_TIMEOUT_MS = 900_000;

/**
 * Makes what `marker` stands for, unless it is there: one process at a time, the others wait. A lock
 * that a killed process left is taken over.
 */
export async function underLock(lock: string, marker: string, work: () => void): Promise<void> {
  const deadline = Date.now() + LOCK_TIMEOUT_MS;
  while (!takeLock(lock)) {
    if (existsSync(marker)) return;
    if (Date.now() > deadline)
      throw new Error(`${lock}: expected it to be released, got a timeout`);
    await new Promise((resolve) => setTimeout(resolve, WAIT_MS));
  }
  try {
    if (!existsSync(marker)) work();
  } finally {
    rmSync(lock, { recursive: true, force: true });
  }
}

function takeLock(lock: string): boolean {
  const owner = join(lock, "pid");
  try {
    mkdirSync(lock);
    writeFileSync(owner, String(process.pid));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
  const pid = existsSync(owner) ? Number(readFileSync(owner, "utf8")) : 0;
  if (pid > 0 && !isAlive(pid)) rmSync(lock, { recursive: true, force: true });
  return false;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

import { randomBytes } from "node:crypto";
import {
  linkSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { DuetMindError, fromWriteError } from "./errors.ts";
import { makeFolder } from "./make-folder.ts";
import { livenessOf, ownIdentity, type ProcessIdentity } from "./process-identity.ts";

/**
 * One exclusive lock between processes, in a folder of numbered files.
 *
 * The highest number is the lock. Node has no flock, and a single lock file cannot be taken over
 * safely: of two processes that find it stale, the slower one deletes the new lock of the faster.
 * Numbers only grow, so to take over is to create the next one, and link() lets one process do that:
 *
 *     3.json  held by 4711, which is dead  ->  A and B both try to link 4.json; one gets EEXIST
 *
 * A file is linked with its content, so nobody reads half a lock. The last number but one stays, so
 * that a slow process which still thinks of it finds it taken.
 */
export type ProcessLock = Readonly<{
  /** Tells the others something, such as where the holder can be reached. */
  announce(note: Readonly<Record<string, unknown>>): void;
  release(): void;
}>;

export type LockHolder = ProcessIdentity &
  Readonly<{ since: string; released: boolean; note: Readonly<Record<string, unknown>> }>;

const HEARTBEAT_MS = 5_000;
/** A holder in another container is given up when it has been silent for so long. */
const SILENT_MS = 60_000;

/** Takes the lock, or says who holds it. Never waits. */
export function tryProcessLock(folder: string, now: Date): ProcessLock | LockHolder {
  makeFolder(folder, 0o700);
  const top = highest(folder);
  if (top > 0) {
    const holder = readHolder(join(folder, `${top}.json`));
    if (holder === undefined) return tryProcessLock(folder, now); // replaced while we looked
    if (isHeld(holder, join(folder, `${top}.json`), now)) return holder;
  }
  const mine = { ...ownIdentity(), since: now.toISOString(), released: false, note: {} };
  const path = join(folder, `${top + 1}.json`);
  if (!createWhole(path, mine)) return tryProcessLock(folder, now); // another was faster
  if (highest(folder) > top + 1) {
    rmSync(path, { force: true }); // we were so slow that this number had been and gone
    return tryProcessLock(folder, now);
  }
  for (const old of numbers(folder)) {
    if (old < top) rmSync(join(folder, `${old}.json`), { force: true });
  }
  return hold(path, mine);
}

/** True for a lock that was taken, false for the holder of one that was not. */
export function isLock(result: ProcessLock | LockHolder): result is ProcessLock {
  return "release" in result;
}

function hold(path: string, mine: LockHolder): ProcessLock {
  let content = mine;
  const write = (next: LockHolder) => {
    content = next;
    const temporary = `${path}.${randomBytes(6).toString("hex")}.tmp`;
    try {
      writeFileSync(temporary, JSON.stringify(next), { mode: 0o600 });
      renameSync(temporary, path);
    } catch (error) {
      rmSync(temporary, { force: true });
      throw fromWriteError(error, path);
    }
  };
  const heartbeat = setInterval(() => {
    const seconds = Date.now() / 1000;
    ignoreMissing(() => utimesSync(path, seconds, seconds));
  }, HEARTBEAT_MS);
  heartbeat.unref();
  return {
    announce: (note) => write({ ...content, note }),
    release() {
      clearInterval(heartbeat);
      try {
        ignoreMissing(() => write({ ...content, released: true, note: {} }));
      } catch (error) {
        if (!(error instanceof DuetMindError)) throw error;
        rmSync(path, { force: true }); // a full disk: to delete needs no room
      }
    },
  };
}

/** A person may delete the whole folder while we run; that is no reason to fail. */
function ignoreMissing(act: () => void): void {
  try {
    act();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
}

function isHeld(holder: LockHolder, path: string, now: Date): boolean {
  if (holder.released) return false;
  const liveness = livenessOf(holder);
  if (liveness !== "unknown") return liveness === "alive";
  return now.getTime() - statSync(path).mtimeMs < SILENT_MS;
}

function createWhole(path: string, content: LockHolder): boolean {
  const temporary = `${path}.${randomBytes(6).toString("hex")}.tmp`;
  try {
    writeFileSync(temporary, JSON.stringify(content), { mode: 0o600 });
    linkSync(temporary, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw fromWriteError(error, path);
  } finally {
    rmSync(temporary, { force: true });
  }
}

function readHolder(path: string): LockHolder | undefined {
  try {
    return parseHolder(readFileSync(path, "utf8"), path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

const TEXTS = ["boot", "namespace", "started", "since"] as const;

/** By hand: commands that load next to nothing take this lock, and a schema library would be most of it. */
function parseHolder(text: string, path: string): LockHolder {
  const value = JSON.parse(text) as LockHolder | null;
  const isHolder =
    typeof value?.pid === "number" &&
    typeof value.released === "boolean" &&
    TEXTS.every((key) => typeof value[key] === "string") &&
    typeof value.note === "object" &&
    value.note !== null;
  if (isHolder) return value;
  throw new DuetMindError("BAD_INPUT", `${path}: expected who holds this lock, got ${text}`, {
    file: path,
    hint: "if nothing of DuetMind runs in this folder, delete the file",
  });
}

function numbers(folder: string): number[] {
  return readdirSync(folder).flatMap((name) => {
    const match = /^(\d+)\.json$/.exec(name);
    return match === null ? [] : [Number(match[1])];
  });
}

function highest(folder: string): number {
  return Math.max(0, ...numbers(folder));
}

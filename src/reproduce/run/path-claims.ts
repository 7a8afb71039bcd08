import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { rename } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Effects } from "../../core/effects.ts";
import { DuetMindError, fromWriteError } from "../../core/errors.ts";
import { makeFolder } from "../../core/make-folder.ts";
import { livenessOf, ownIdentity, type ProcessIdentity } from "../../core/process-identity.ts";
import { isLock, tryProcessLock } from "../../core/process-lock.ts";
import { findDvcHolder } from "./dvc-holder.ts";
import { doClaimsMeet, type PathClaim } from "./path-claim.ts";

/**
 * What a run of a pipeline reads and writes, claimed against other runs in the same repository before
 * anything is looked at. Two runs whose claims do not meet work at the same time; of two that do, the
 * second waits. A claim is a file of its own that dies with its process; a lock is held only while
 * claims are compared.
 */
export type HeldClaim = Readonly<{ id: string; release(): void }>;

type ClaimFile = ProcessIdentity & PathClaim & Readonly<{ since: string }>;

/** How long a command waits for the runs that have its paths. */
export const CLAIM_WAIT_MS = 30_000;

const POLL_MS = 100;
const HEARTBEAT_MS = 5_000;
/** A holder in another container is given up when it has been silent for so long. */
const SILENT_MS = 60_000;

/** Claims paths; waits a while for a run, ours or DVC's, that has some of them. */
export async function claimPaths(
  root: string,
  claim: PathClaim,
  waitMs: number,
  effects: Effects,
): Promise<HeldClaim> {
  const folder = claimsFolder(root);
  for (let waitedMs = 0; ; waitedMs += POLL_MS) {
    const holder =
      findDvcHolder(root, claim) ??
      (await underClaimsLock(root, effects, () => tryClaim(folder, claim, effects)));
    if ("id" in holder) return holder;
    const who = `process ${holder.pid}${holder.since === null ? "" : ` since ${holder.since}`}`;
    if (waitedMs >= waitMs || effects.signal.aborted) {
      throw new DuetMindError(
        "PIPELINE_LOCKED",
        `pipeline: expected no other reproduce in this folder, got ${who}`,
        { hint: "wait until it has ended" },
      );
    }
    if (waitedMs === 0) effects.progress.note(`waiting for ${who}, which runs stages here`);
    await delay(POLL_MS);
  }
}

/** Does work that writes paths while no run has them; nobody collects garbage meanwhile. */
export async function whileClaimed<T>(
  root: string,
  writes: readonly string[],
  effects: Effects,
  work: () => Promise<T>,
): Promise<T> {
  const held = await claimPaths(root, { reads: [], writes }, CLAIM_WAIT_MS, effects);
  try {
    return await work();
  } finally {
    held.release();
  }
}

/** Runs a short piece of work that one process of the repository does at a time. */
export async function underClaimsLock<T>(
  root: string,
  effects: Effects,
  work: () => Promise<T> | T,
): Promise<T> {
  for (;;) {
    const lock = tryProcessLock(join(root, ".duetmind", "locks", "reproduce"), effects.clock.now());
    if (!isLock(lock)) {
      await delay(5);
      continue;
    }
    try {
      return await work();
    } finally {
      lock.release();
    }
  }
}

/** The ids of the claims whose processes run; what dead ones left is removed. */
export function liveClaims(root: string, now: Date): readonly string[] {
  return readClaims(claimsFolder(root), now).map(({ id }) => id);
}

function claimsFolder(root: string): string {
  return join(root, ".duetmind", "locks", "paths");
}

type Holder = Readonly<{ pid: number; since: string | null }>;

async function tryClaim(
  folder: string,
  claim: PathClaim,
  effects: Effects,
): Promise<HeldClaim | Holder> {
  makeFolder(folder, 0o700);
  const now = effects.clock.now();
  const other = readClaims(folder, now).find(({ content }) => doClaimsMeet(content, claim));
  if (other !== undefined) return other.content;
  const id = `${process.pid}-${randomBytes(6).toString("hex")}`;
  const path = join(folder, `${id}.json`);
  const content: ClaimFile = { ...ownIdentity(), since: now.toISOString(), ...claim };
  try {
    writeFileSync(`${path}.tmp`, JSON.stringify(content), { mode: 0o600 });
    await rename(`${path}.tmp`, path);
  } catch (error) {
    rmSync(`${path}.tmp`, { force: true });
    throw fromWriteError(error, path);
  }
  const heartbeat = setInterval(() => touch(path), HEARTBEAT_MS);
  heartbeat.unref();
  return {
    id,
    release() {
      clearInterval(heartbeat);
      rmSync(path, { force: true });
    },
  };
}

/** A person may delete the folder while we run; that is no reason to fail. */
function touch(path: string): void {
  const seconds = Date.now() / 1000;
  try {
    utimesSync(path, seconds, seconds);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
}

function readClaims(
  folder: string,
  now: Date,
): readonly Readonly<{ id: string; content: ClaimFile }>[] {
  return listFolder(folder).flatMap((name) => {
    const path = join(folder, name);
    const content = name.endsWith(".json") ? readClaim(path) : undefined;
    const id = name.slice(0, -".json".length);
    if (content !== undefined && isHeld(content, path, now)) return [{ id, content }];
    rmSync(path, { force: true }); // of a process that is gone, or half written by one
    return [];
  });
}

function listFolder(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}

/** Only this program writes claims, and a rename makes each whole. */
function readClaim(path: string): ClaimFile | undefined {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as ClaimFile;
  } catch {
    return undefined; // released while we looked, or no claim of ours
  }
}

function isHeld(claim: ClaimFile, path: string, now: Date): boolean {
  const liveness = livenessOf(claim);
  if (liveness !== "unknown") return liveness === "alive";
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat !== undefined && now.getTime() - stat.mtimeMs < SILENT_MS;
}

import { closeSync, openSync, readdirSync, readFileSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fromWriteError } from "../../core/errors.ts";
import { makeFolder } from "../../core/make-folder.ts";
import {
  childIdentity,
  livenessOf,
  ownIdentity,
  type ProcessIdentity,
} from "../../core/process-identity.ts";

/**
 * What a run has done so far, one line at a time, so that a kill costs only the stages that ran just
 * then. dvc.lock is written once at the end (writing it after each stage costs the square of the
 * stages), and the next run finishes what a killed one left:
 *
 *     {"boot":"…","namespace":"…"}                             the machine that the pids are of
 *     {"stage":"prepare","pid":4711,"started":"88123"}         a shell has started
 *     {"lock":"dvc.lock","base":"sha256:…"}                    the lock that the entries below go into
 *     {"lock":"dvc.lock","order":0,"entry":"  prepare:\n…"}    a stage is done
 */
export type Journal = Readonly<{
  started(stage: string, pid: number): void;
  /** The text that a lock file has now. */
  wrote(lock: string, digest: string): void;
  done(entry: JournalEntry): void;
  /** All is in the lock files: nothing is left to finish. */
  end(): void;
}>;

export type JournalEntry = Readonly<{ lock: string; order: number; entry: string }>;

function journalFolder(root: string): string {
  return join(root, ".duetmind", "reproduce");
}

/** The journal of the run that holds a claim; its file appears with the first line. */
export function openJournal(root: string, claim: string): Journal {
  const path = join(journalFolder(root), `${claim}.ndjson`);
  const self = ownIdentity();
  let fd: number | null = null;
  const append = (line: object) => {
    try {
      if (fd === null) {
        makeFolder(journalFolder(root), 0o700);
        fd = openSync(path, "a", 0o600);
        writeSync(fd, `${JSON.stringify({ boot: self.boot, namespace: self.namespace })}\n`);
      }
      writeSync(fd, `${JSON.stringify(line)}\n`);
    } catch (error) {
      throw fromWriteError(error, path);
    }
  };
  return {
    started(stage, pid) {
      append({ stage, pid, started: childIdentity(self, pid).started });
    },
    wrote(lock, digest) {
      append({ lock, base: digest });
    },
    done: append,
    end() {
      if (fd !== null) closeSync(fd);
      fd = null;
      rmSync(path, { force: true });
    },
  };
}

/** What a killed run left. */
export type Leftover = Readonly<{
  /** Lock file → the texts it had during the run, and the entries that belong into it, in order. */
  locks: ReadonlyMap<string, Readonly<{ bases: ReadonlySet<string>; entries: readonly string[] }>>;
  /** Stages whose shells still run. */
  orphans: readonly Readonly<{ stage: string; process: ProcessIdentity }>[];
  /** Everything is finished. */
  remove(): void;
}>;

/** The journals of runs whose claims are gone. */
export function findLeftovers(root: string, liveClaims: readonly string[]): readonly Leftover[] {
  let names: readonly string[];
  try {
    names = readdirSync(journalFolder(root));
  } catch {
    return []; // no run has been killed here
  }
  return names
    .filter((name) => name.endsWith(".ndjson") && !liveClaims.includes(name.slice(0, -7)))
    .map((name) => readJournal(join(journalFolder(root), name)));
}

type Line = Readonly<{
  boot?: string;
  namespace?: string;
  stage?: string;
  pid?: number;
  started?: string;
  lock?: string;
  base?: string;
  order?: number;
  entry?: string;
}>;

function readJournal(path: string): Leftover {
  const locks = new Map<string, { bases: Set<string>; found: JournalEntry[] }>();
  const orphans: { stage: string; process: ProcessIdentity }[] = [];
  let machine = { boot: "", namespace: "" };
  for (const text of readFileSync(path, "utf8").split("\n").slice(0, -1)) {
    const line = parseLine(text);
    if (line.boot !== undefined) machine = { boot: line.boot, namespace: line.namespace ?? "" };
    if (line.stage !== undefined && line.pid !== undefined && line.started) {
      const process = { ...machine, pid: line.pid, started: line.started };
      if (livenessOf(process) === "alive") orphans.push({ stage: line.stage, process });
    }
    if (line.lock === undefined) continue;
    const lock = locks.get(line.lock) ?? { bases: new Set(), found: [] };
    locks.set(line.lock, lock);
    if (line.base !== undefined) lock.bases.add(line.base);
    if (line.entry !== undefined) {
      lock.found.push({ lock: line.lock, order: line.order ?? 0, entry: line.entry });
    }
  }
  const inOrder = [...locks].map(([lock, { bases, found }]) => {
    const entries = found.sort((a, b) => a.order - b.order).map(({ entry }) => entry);
    return [lock, { bases, entries }] as const;
  });
  return {
    locks: new Map(inOrder),
    orphans,
    remove: () => rmSync(path, { force: true }),
  };
}

/** The kill may have come within the last line. */
function parseLine(text: string): Line {
  try {
    return JSON.parse(text) as Line;
  } catch {
    return {};
  }
}

const PATIENCE_MS = 5_000;

/** Ends what a killed run left running: it would go on to write the outs of its stage. */
export async function endOrphans(leftover: Leftover): Promise<void> {
  for (const { process: orphan } of leftover.orphans) {
    for (let waitedMs = 0; livenessOf(orphan) === "alive"; waitedMs += 50) {
      if (waitedMs === 0) endGroup(orphan.pid, "SIGTERM");
      if (waitedMs === PATIENCE_MS) endGroup(orphan.pid, "SIGKILL");
      await delay(50);
    }
  }
}

function endGroup(pid: number, signal: "SIGTERM" | "SIGKILL"): void {
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error; // already gone
  }
}

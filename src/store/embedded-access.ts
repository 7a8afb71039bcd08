import { connect } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import type { Effects } from "../core/effects.ts";
import { DuetMindError } from "../core/errors.ts";
import { isLock, type LockHolder, type ProcessLock, tryProcessLock } from "../core/process-lock.ts";
import { type EmbeddedOwner, type Endpoint, startOwner } from "./embedded-owner.ts";
import { type EmbeddedPaths, socketFile } from "./embedded-paths.ts";
import type { PrepareOptions } from "./restore-backup.ts";

/**
 * The way of one process to the embedded database: it takes the lock and owns the database, or finds
 * the owner's socket and is a client of it. When the owner leaves, the next `reach` finds the next
 * owner, which may be this process.
 */
export type EmbeddedAccess = Readonly<{
  /** Where to connect now. */
  reach(): Promise<Endpoint>;
  /** Says that nobody answers at an endpoint. */
  lost(endpoint: Endpoint): void;
  owns(): boolean;
  /** Opens a TCP port of this machine to who knows the password; undefined where another owns. */
  openDoor(port: number, password: string): Promise<number | undefined>;
  close(): Promise<void>;
}>;

export type AccessOptions = Readonly<{
  paths: EmbeddedPaths;
  waitMs: number;
  /** Runs when this process has become the owner, before others can connect: migrations. */
  prepare(endpoint: Endpoint): Promise<void>;
}> &
  PrepareOptions;

const endpointNote = z.object({ host: z.string(), port: z.int() });
const RETRY_MS = 25;

type Place = Readonly<{ endpoint: Endpoint; owner?: EmbeddedOwner }>;

/** Gives access to the embedded database of one project. */
export function createEmbeddedAccess(options: AccessOptions, effects: Effects): EmbeddedAccess {
  let place: Promise<Place> | undefined;
  let current: Place | undefined;

  async function find(): Promise<Place> {
    const deadline = performance.now() + options.waitMs;
    for (;;) {
      const found = tryProcessLock(options.paths.lock, effects.clock.now());
      if (isLock(found)) return own(found);
      const endpoint = endpointNote.safeParse(found.note);
      if (endpoint.success && (await answers(endpoint.data))) return { endpoint: endpoint.data };
      if (performance.now() > deadline) throw locked(options, found);
      await pause(effects);
    }
  }

  async function own(lock: ProcessLock): Promise<Place> {
    let owner: EmbeddedOwner | undefined;
    try {
      owner = await startOwner(options.paths, options, effects);
      await options.prepare(owner.endpoint);
    } catch (error) {
      await owner?.close();
      lock.release();
      throw error;
    }
    lock.announce(owner.endpoint);
    void owner.ended.then(() => lock.release()); // also when the thread dies by itself
    return { endpoint: owner.endpoint, owner };
  }

  return {
    async reach() {
      place ??= find().then(
        (found) => {
          current = found;
          return found;
        },
        (error: unknown) => {
          place = undefined;
          throw error;
        },
      );
      return (await place).endpoint;
    },
    lost(endpoint) {
      if (current?.endpoint === endpoint) {
        current = undefined;
        place = undefined;
      }
    },
    owns: () => current?.owner !== undefined,
    async openDoor(port, password) {
      return current?.owner?.openDoor(port, password);
    },
    async close() {
      const last = current;
      current = undefined;
      place = undefined;
      try {
        if (last?.owner?.isOpen() !== true) return;
        const { backUpWhenDue } = await import("./back-up.ts");
        await backUpWhenDue(options.paths, last.endpoint, effects);
      } finally {
        await last?.owner?.close();
      }
    },
  };
}

function answers({ host, port }: Endpoint): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(socketFile(host, port));
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
    socket.once("connect", () => socket.destroy());
  });
}

async function pause(effects: Effects): Promise<void> {
  try {
    await delay(RETRY_MS, undefined, { signal: effects.signal });
  } catch (error) {
    throw new DuetMindError("INTERRUPTED", "database: interrupted while waiting for its owner", {
      cause: error,
    });
  }
}

function locked({ paths, waitMs }: AccessOptions, holder: LockHolder): DuetMindError {
  return new DuetMindError(
    "DATABASE_LOCKED",
    `${paths.folder}: expected the database to be free within ${waitMs / 1000} s, ` +
      `got held by process ${holder.pid} since ${holder.since}`,
    { file: paths.folder, hint: `wait for process ${holder.pid} to end, or end it` },
  );
}

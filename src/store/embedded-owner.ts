import { randomInt } from "node:crypto";
import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Effects } from "../core/effects.ts";
import { DuetMindError } from "../core/errors.ts";
import { startWorker } from "../core/worker.ts";
import { type EmbeddedPaths, makeSocketFolder, socketFile } from "./embedded-paths.ts";
import { IDLE_TRANSACTION_MS } from "./embedded-settings.ts";
import type { EmbeddedReply, EmbeddedRequest, EmbeddedWorkerData } from "./embedded-worker.ts";
import { prepareFolder } from "./prepare-folder.ts";
import type { PrepareOptions } from "./restore-backup.ts";

/** Where the embedded database answers: a folder and a number, as libpq's `host` and `port`. */
export type Endpoint = Readonly<{ host: string; port: number }>;

export type EmbeddedOwner = Readonly<{
  endpoint: Endpoint;
  /** Settles when the database is closed, or its thread has died. */
  ended: Promise<unknown>;
  isOpen(): boolean;
  /** Listens for clients of this machine that know the password; 0 takes a free port. */
  openDoor(port: number, password: string): Promise<number>;
  close(): Promise<void>;
}>;

type DoorReply = Extract<EmbeddedReply, { kind: "door" | "door-failed" }>;

/** Others finish their transactions in this time when the owner leaves. */
const DRAIN_MS = 5_000;

/** Makes the folder ready and opens it; the caller holds the lock. */
export async function startOwner(
  paths: EmbeddedPaths,
  options: PrepareOptions,
  effects: Effects,
): Promise<EmbeddedOwner> {
  const host = makeSocketFolder(paths);
  for (const name of readdirSync(host)) {
    rmSync(join(host, name), { force: true }); // sockets of owners that were killed
  }
  const open = (folder: string) => openFolder(folder, host);
  // PostgreSQL never opens a folder whose own lock file is empty, as a kill while it is written leaves
  // it; the caller's lock is the one that counts.
  rmSync(join(paths.folder, "postmaster.pid"), { force: true });
  await prepareFolder(paths, open, options, effects);
  return open(paths.folder);
}

/** Opens a database folder in a worker thread and serves it on a socket in the folder `host`. */
async function openFolder(folder: string, host: string): Promise<EmbeddedOwner> {
  const endpoint = { host, port: randomInt(1, 65_536) };
  const socket = socketFile(host, endpoint.port);
  const data: EmbeddedWorkerData = { folder, socket, idleMs: IDLE_TRANSACTION_MS };
  const worker = startWorker<EmbeddedRequest, EmbeddedReply>("store/embedded-worker", data);
  try {
    await worker.next((reply): reply is { kind: "listening" } => reply.kind === "listening");
  } catch (error) {
    throw new DuetMindError(
      "DATABASE_UNAVAILABLE",
      `${folder}: expected to open the embedded database, got: ${(error as Error).message}`,
      {
        file: folder,
        cause: error,
        hint: "if it was damaged, move the folder away: the next command restores the last dump of .duetmind/backup",
      },
    );
  }
  const closed = worker.next((reply): reply is { kind: "closed" } => reply.kind === "closed");
  let open = true;
  const ended = closed
    .catch((error: unknown) => error)
    .finally(() => {
      open = false;
    });
  return {
    endpoint,
    ended,
    isOpen: () => open,
    async openDoor(port, password) {
      worker.post({ kind: "open-door", port, password });
      const reply = await worker.next(
        (each): each is DoorReply => each.kind === "door" || each.kind === "door-failed",
      );
      if (reply.kind === "door") return reply.port;
      throw new DuetMindError(
        "BAD_INPUT",
        `127.0.0.1:${port}: expected a free port for SQL clients, got ${reply.code}`,
      );
    },
    async close() {
      worker.post({ kind: "close", drainMs: DRAIN_MS });
      await ended;
      worker.unref(); // the database is closed; taking its memory down may last as long as it likes
      rmSync(socket, { force: true });
    },
  };
}

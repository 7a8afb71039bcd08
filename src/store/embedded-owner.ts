import { randomInt } from "node:crypto";
import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Effects } from "../core/effects.ts";
import { DuetMindError } from "../core/errors.ts";
import { startWorker } from "../core/worker.ts";
import { prepareFolder } from "./embedded-folder.ts";
import { type EmbeddedPaths, makeSocketFolder, socketFile } from "./embedded-paths.ts";
import { IDLE_TRANSACTION_MS } from "./embedded-settings.ts";
import type { EmbeddedReply, EmbeddedRequest, EmbeddedWorkerData } from "./embedded-worker.ts";

/** Where the embedded database answers: a folder and a number, as libpq's `host` and `port`. */
export type Endpoint = Readonly<{ host: string; port: number }>;

export type EmbeddedOwner = Readonly<{
  endpoint: Endpoint;
  /** Settles when the database is closed, or its thread has died. */
  ended: Promise<unknown>;
  close(): Promise<void>;
}>;

/** Others finish their transactions in this time when the owner leaves. */
const DRAIN_MS = 5_000;

/** Opens the folder in a worker thread and serves it; the caller holds the lock. */
export async function startOwner(paths: EmbeddedPaths, effects: Effects): Promise<EmbeddedOwner> {
  await prepareFolder(paths.folder, effects.files);
  const host = makeSocketFolder(paths);
  for (const name of readdirSync(host)) {
    rmSync(join(host, name), { force: true }); // sockets of owners that were killed
  }
  const endpoint = { host, port: randomInt(1, 65_536) };
  const socket = socketFile(host, endpoint.port);
  const data: EmbeddedWorkerData = { folder: paths.folder, socket, idleMs: IDLE_TRANSACTION_MS };
  const worker = startWorker<EmbeddedRequest, EmbeddedReply>("store/embedded-worker", data);
  try {
    await worker.next((reply): reply is { kind: "listening" } => reply.kind === "listening");
  } catch (error) {
    throw new DuetMindError(
      "DATABASE_UNAVAILABLE",
      `${paths.folder}: expected to open the embedded database, got: ${(error as Error).message}`,
      { file: paths.folder, cause: error },
    );
  }
  const closed = worker.next((reply): reply is { kind: "closed" } => reply.kind === "closed");
  const ended = closed.catch((error: unknown) => error);
  return {
    endpoint,
    ended,
    async close() {
      worker.post({ kind: "close", drainMs: DRAIN_MS });
      await ended;
      worker.unref(); // the database is closed; taking its memory down may last as long as it likes
      rmSync(socket, { force: true });
    },
  };
}

import { chmodSync, existsSync } from "node:fs";
import { type AddressInfo, createServer, type Server } from "node:net";
import { join } from "node:path";
import { parentPort, workerData } from "node:worker_threads";
import { PGlite } from "@electric-sql/pglite";
import { vector } from "@electric-sql/pglite-pgvector";
import {
  CLIENT_ROLE,
  CLIENT_USER,
  KEEP_MS,
  KEPT_STATEMENTS,
  OWNER_USER,
  START_PARAMETERS,
} from "./embedded-settings.ts";
import { createMultiplexer } from "./multiplexer.ts";

/**
 * The thread that PGlite computes on: it opens the folder and serves the socket until it is told to
 * close. PGlite blocks its event loop while a statement runs, which is why it has a thread of its own.
 */
export type EmbeddedWorkerData = Readonly<{ folder: string; socket: string; idleMs: number }>;
export type EmbeddedRequest = Readonly<
  { kind: "close"; drainMs: number } | { kind: "open-door"; port: number; password: string }
>;
export type EmbeddedReply = Readonly<
  | { kind: "listening" }
  | { kind: "door"; port: number }
  | { kind: "door-failed"; code: string }
  | { kind: "closed" }
>;

const { folder, socket, idleMs } = workerData as EmbeddedWorkerData;
const port = parentPort!;
// Listening from the first line keeps the event loop alive: one that has nothing to wait for blocks
// until V8 has optimised all of the WebAssembly, which costs 150 ms at every start.
const closing = new Promise<number>((resolve) => {
  port.on("message", (request: EmbeddedRequest) => {
    if (request.kind === "close") resolve(request.drainMs);
    else openDoor(request.port, request.password);
  });
});

const fresh = !existsSync(join(folder, "PG_VERSION"));
const pglite = await PGlite.create({
  dataDir: folder,
  extensions: { vector },
  startParams: [...START_PARAMETERS],
  initDbStartParams: ["--wal-segsize=1"], // a folder smaller by 11 MB
});
if (fresh) {
  await pglite.exec(`CREATE EXTENSION vector; CREATE ROLE ${CLIENT_ROLE} NOLOGIN`);
  // Nobody makes another database here: without these it is half the files to write at a first start.
  for (const template of ["template0", "template1"]) {
    await pglite.exec(`ALTER DATABASE ${template} IS_TEMPLATE false`);
    await pglite.exec(`DROP DATABASE ${template}`);
  }
}
const names = [
  ...["server_version", "server_encoding", "client_encoding", "DateStyle", "IntervalStyle"],
  ...["TimeZone", "integer_datetimes", "standard_conforming_strings", "in_hot_standby"],
];
// current_setting, for the view pg_settings takes 40 ms.
const settings = await pglite.query<{ name: string; setting: string }>(
  "SELECT name, current_setting(name) AS setting FROM unnest($1::text[]) AS name",
  [names],
);

const multiplexer = createMultiplexer(
  {
    exec(frames) {
      const chunks: Buffer[] = [];
      // Synchronous up to its first await, which comes after the last byte of the reply.
      void pglite.execProtocolRawStream(frames, {
        syncToFs: false, // the folder is mounted: there is nothing to copy
        onRawData: (bytes) => void chunks.push(Buffer.from(bytes)),
      });
      return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
    },
  },
  {
    idleMs,
    keep: { most: KEPT_STATEMENTS, keepMs: KEEP_MS, now: () => performance.now() },
    settings: Object.fromEntries(settings.rows.map(({ name, setting }) => [name, setting])),
    roles: { [CLIENT_USER]: CLIENT_ROLE, [OWNER_USER]: "postgres" },
  },
);

const server = createServer({ noDelay: true }, (connection) => multiplexer.accept(connection));
server.listen(socket, () => {
  chmodSync(socket, 0o600);
  port.postMessage({ kind: "listening" } satisfies EmbeddedReply);
});

const doors: Server[] = [];

/** Lets clients of this machine in that know the password, such as psql. */
function openDoor(doorPort: number, password: string): void {
  const door = createServer({ noDelay: true }, (connection) =>
    multiplexer.accept(connection, { password, role: CLIENT_ROLE }),
  );
  door.once("error", (error: NodeJS.ErrnoException) => {
    const code = error.code ?? error.message;
    port.postMessage({ kind: "door-failed", code } satisfies EmbeddedReply);
  });
  door.listen(doorPort, "127.0.0.1", () => {
    doors.push(door);
    const opened = (door.address() as AddressInfo).port;
    port.postMessage({ kind: "door", port: opened } satisfies EmbeddedReply);
  });
}

const drainMs = await closing;
for (const each of [server, ...doors]) each.close();
await multiplexer.drain(drainMs);
await pglite.close();
port.postMessage({ kind: "closed" } satisfies EmbeddedReply);
port.close();

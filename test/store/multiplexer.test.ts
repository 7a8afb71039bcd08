import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createMultiplexer, type Multiplexer } from "../../src/store/multiplexer.ts";
import { frame, queryFrame, readyFrame, SYNC_FRAME, sqlOf } from "../../src/store/wire.ts";
import { atEnd, temporaryFolder } from "../support/database.ts";

/** A backend that remembers what it was asked, and knows BEGIN, COMMIT and ROLLBACK. */
function fakeBackend() {
  const log: string[] = [];
  let status: "I" | "T" = "I";
  return {
    log,
    exec(frames: Buffer): Buffer {
      const type = String.fromCharCode(frames[0]!);
      const sql = sqlOf({ type, frame: frames }) ?? type;
      log.push(sql);
      if (sql === "BEGIN") status = "T";
      if (sql === "COMMIT" || sql === "ROLLBACK") status = "I";
      return Buffer.concat([frame("C", sql), readyFrame(status)]);
    },
  };
}

async function serve(idleMs = 60_000) {
  const backend = fakeBackend();
  const roles = { duetmind: "plain", postgres: "postgres" };
  const keep = { most: 1, keepMs: 1_000, now: () => 0 };
  const multiplexer = createMultiplexer(backend, { settings: { a: "b" }, idleMs, keep, roles });
  const path = join(temporaryFolder(), "s");
  const server = createServer((socket) => multiplexer.accept(socket)).listen(path);
  await once(server, "listening");
  atEnd(() => void server.close());
  return { log: backend.log, multiplexer, path };
}

/** A client that reads frames one by one. */
async function join_(path: string, user = "duetmind") {
  const socket = connect(path);
  atEnd(() => void socket.destroy());
  const body = Buffer.concat([int(3 << 16), Buffer.from(`user\0${user}\0\0`)]);
  socket.write(Buffer.concat([int(body.length + 4), body]));
  const frames = readFrames(socket);
  const next = async () => (await frames.next()).value as Reply | undefined;
  /** Frames up to and with the one of this type. */
  const until = async (type: string) => {
    const seen: Reply[] = [];
    for (;;) {
      const reply = await next();
      if (reply === undefined) return seen;
      seen.push(reply);
      if (reply.type === type) return seen;
    }
  };
  return { socket, until, say: (...parts: Buffer[]) => socket.write(Buffer.concat(parts)) };
}

type Reply = Readonly<{ type: string; text: string; body: Buffer }>;

async function* readFrames(socket: Socket): AsyncGenerator<Reply> {
  let pending = Buffer.alloc(0);
  for await (const chunk of socket) {
    pending = Buffer.concat([pending, chunk as Buffer]);
    while (pending.length >= 5 && pending.length > pending.readInt32BE(1)) {
      const end = 1 + pending.readInt32BE(1);
      const body = pending.subarray(5, end);
      yield { type: String.fromCharCode(pending[0]!), text: body.toString("utf8"), body };
      pending = pending.subarray(end);
    }
  }
}

function int(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

const drained = (multiplexer: Multiplexer) => multiplexer.drain(1000);

test("a client is welcomed with settings, a key and readiness", async () => {
  const { path } = await serve();
  const client = await join_(path);
  const welcome = await client.until("Z");
  expect(welcome.map(({ type }) => type)).toEqual(["R", "S", "K", "Z"]);
  expect(welcome[1]!.text).toBe("a\0b\0");
});

test("an unknown user is turned away", async () => {
  const { path } = await serve();
  const replies = await (await join_(path, "eve")).until("E");
  expect(replies.at(-1)!.text).toContain('C28000\0Muser: expected duetmind or postgres, got "eve"');
});

test("a TLS request is answered with no", async () => {
  const { path } = await serve();
  const socket = connect(path);
  atEnd(() => void socket.destroy());
  socket.write(Buffer.concat([int(8), int(80877103)]));
  expect(String((await once(socket, "data"))[0])).toBe("N");
});

test("a transaction is alone until it ends, and sessions are made new in between", async () => {
  const { path, log } = await serve();
  const [a, b] = [await join_(path), await join_(path, "postgres")];
  await Promise.all([a.until("Z"), b.until("Z")]);
  a.say(queryFrame("BEGIN"));
  await a.until("Z");
  b.say(queryFrame("SELECT 'b'"));
  a.say(queryFrame("SELECT 'a'"));
  await a.until("Z");
  a.say(queryFrame("COMMIT"));
  await Promise.all([a.until("Z"), b.until("Z")]);
  expect(log).toEqual([
    ...["DISCARD ALL", 'SET SESSION AUTHORIZATION "plain"', "BEGIN", "SELECT 'a'", "COMMIT"],
    ...["DISCARD ALL", 'SET SESSION AUTHORIZATION "postgres"', "SELECT 'b'"],
  ]);
});

test("a client that disconnects in a transaction is rolled back", async () => {
  const { path, log } = await serve();
  const [a, b] = [await join_(path), await join_(path)];
  await Promise.all([a.until("Z"), b.until("Z")]);
  a.say(queryFrame("BEGIN"));
  await a.until("Z");
  b.say(queryFrame("SELECT 'b'"));
  a.socket.destroy();
  await b.until("Z");
  expect(log.slice(2, 5)).toEqual(["BEGIN", "S", "ROLLBACK"]);
  expect(log.at(-1)).toBe("SELECT 'b'");
});

test("a transaction that says nothing is rolled back and its client told", async () => {
  const { path, log } = await serve(20);
  const client = await join_(path);
  await client.until("Z");
  client.say(queryFrame("BEGIN"));
  const replies = await client.until("E");
  expect(replies.at(-1)!.text).toContain(
    "C25P03\0Mtransaction: expected the next statement within",
  );
  expect(log.at(-1)).toBe("ROLLBACK");
});

test("a waiting statement can be cancelled with its key only", async () => {
  const { path, log } = await serve();
  const [a, b] = [await join_(path), await join_(path)];
  const [, welcome] = await Promise.all([a.until("Z"), b.until("Z")]);
  const key = welcome.find(({ type }) => type === "K")!.body;
  a.say(queryFrame("BEGIN"));
  await a.until("Z");
  b.say(queryFrame("SELECT 'b'"));
  for (const secret of [int(1), key.subarray(4)]) {
    const cancel = connect(path);
    cancel.write(Buffer.concat([int(16), int(80877102), key.subarray(0, 4), secret]));
    cancel.resume();
    await once(cancel, "close");
  }
  const replies = await b.until("Z");
  expect(
    replies.filter(({ type }) => type === "E").map(({ text }) => text.includes("C57014")),
  ).toEqual([true]);
  expect(log).not.toContain("SELECT 'b'");
});

test.each([
  ["COPY t FROM STDIN", "0A000"],
  ["RESET SESSION AUTHORIZATION", "42501"],
  ["select set_config('session_authorization', 'postgres', false)", "42501"],
])("%s is refused before it runs", async (sql, state) => {
  const { path, log } = await serve();
  const client = await join_(path);
  await client.until("Z");
  client.say(queryFrame(sql));
  expect((await client.until("Z"))[0]!.text).toContain(`C${state}`);
  // The same in the extended protocol: what follows up to the Sync is skipped.
  client.say(
    frame("P", "", sql, Buffer.from([0, 0])),
    frame("B", "", "", Buffer.alloc(6)),
    SYNC_FRAME,
  );
  expect((await client.until("Z"))[0]!.text).toContain(`C${state}`);
  expect(log.filter((line) => line === sql)).toEqual([]);
});

test("draining lets a transaction end and dismisses the others before they begin", async () => {
  const { path, log, multiplexer } = await serve();
  const [a, b] = [await join_(path), await join_(path)];
  await Promise.all([a.until("Z"), b.until("Z")]);
  a.say(queryFrame("BEGIN"));
  await a.until("Z");
  b.say(queryFrame("SELECT 'b'"));
  const done = drained(multiplexer);
  expect((await b.until("E")).at(-1)!.text).toContain("C57P01");
  b.socket.destroy();
  a.say(queryFrame("COMMIT"));
  expect((await a.until("E")).map(({ type }) => type)).toEqual(["C", "Z", "E"]);
  a.socket.destroy();
  await done;
  expect(log).not.toContain("SELECT 'b'");
  expect(log.at(-1)).toBe("COMMIT");
});

test("a frame of an impossible length ends the connection, not the server", async () => {
  const { path } = await serve();
  const client = await join_(path);
  await client.until("Z");
  client.say(Buffer.concat([Buffer.from("Q"), int(2)]));
  expect((await client.until("E")).at(-1)!.text).toContain("C08P01");
  await (await join_(path)).until("Z");
});

import { createHash, timingSafeEqual } from "node:crypto";
import type { Socket } from "node:net";
import { type MarkedStatement, markedStatement } from "./kept-statements.ts";
import { mayLeaveState } from "./session-state.ts";
import {
  CANCEL_REQUEST,
  type ClientMessage,
  errorFrame,
  FrameReader,
  frame,
  GSS_REQUEST,
  SSL_REQUEST,
  SYNC_FRAME,
  sqlOf,
  startupParameters,
  welcomeFrames,
} from "./wire.ts";

/**
 * Frames that run together. `complete` is false for a batch that was flushed before its Sync.
 * `refusal` goes out before the reply: the error of a statement that did not reach the backend.
 */
export type Unit = Readonly<{
  frames: Buffer;
  complete: boolean;
  leavesState: boolean;
  /** What the frames say, where they are one statement that may be kept. */
  marked?: MarkedStatement | undefined;
  refusal?: Buffer;
}>;

/** One connection to the embedded database, as the multiplexer sees it. */
export type ClientState = Readonly<{
  id: number;
  secret: number;
  role: string;
  units: Unit[];
  send(frames: Buffer): void;
  end(frames: Buffer): void;
  destroy(): void;
}>;

export type ClientEvents = Readonly<{
  ready(client: ClientState): void;
  leave(client: ClientState): void;
  cancel(id: number, secret: number): void;
}>;

export type ClientOptions = Readonly<{
  id: number;
  secret: number;
  settings: Readonly<Record<string, string>>;
  roles: Readonly<Record<string, string>>;
  /** For a connection that did not come through the socket's folder, which nobody else can enter. */
  door?: Door;
}>;

/** A way in for anybody who knows the password, whatever user name they give. */
export type Door = Readonly<{ password: string; role: string }>;

/**
 * These would take a plain client out of its role. The socket's folder keeps other users away; this
 * keeps an honest program from stepping around row security by mistake.
 */
const LEAVES_ROLE = /\bsession[\s_]+authorization\b|\bdiscard\s+all\b|\breset\s+role\b/i;
/** The backend reads all its input at once, so it cannot ask for the rows. */
const COPIES_IN = /^\s*copy\b[^;]*\bfrom\s+stdin\b/i;

const PROTOCOL_3_0 = 3 << 16;
/** AuthenticationCleartextPassword: the door is on the loopback interface only. */
const CLEARTEXT_PASSWORD = 3;

/** Speaks the protocol with one client: start-up, then frames gathered into units. */
export function joinClient(
  socket: Socket,
  options: ClientOptions,
  events: ClientEvents,
): ClientState {
  const reader = new FrameReader();
  let role = "";
  let batch: ClientMessage[] = [];
  let refusal: Buffer | undefined;
  /** The batch began before the frames that are gathered now. */
  let flushed = false;
  let dismissed = false;
  let asked = false;
  const units: Unit[] = [];
  const client: ClientState = {
    id: options.id,
    secret: options.secret,
    get role() {
      return role;
    },
    units,
    send: (frames) => void (socket.writable && socket.write(frames)),
    end(frames) {
      dismissed = true; // what was on its way is read and dropped, so that the reason arrives
      if (socket.writable) socket.end(frames);
    },
    destroy: () => void socket.destroy(),
  };

  function start(): boolean {
    const body = reader.startup();
    if (body === undefined || body.length < 4) return false;
    const code = body.readInt32BE(0);
    if (code === SSL_REQUEST || code === GSS_REQUEST) {
      client.send(Buffer.from("N"));
      return true;
    }
    if (code === CANCEL_REQUEST) {
      if (body.length >= 12) events.cancel(body.readInt32BE(4), body.readInt32BE(8));
      socket.end();
      return false;
    }
    if (code >> 16 === 3 && options.door !== undefined) {
      asked = true;
      client.send(frame("R", CLEARTEXT_PASSWORD));
      return false;
    }
    const user = startupParameters(body).get("user") ?? "";
    const found = Object.hasOwn(options.roles, user) ? options.roles[user] : undefined;
    if (code >> 16 !== 3) {
      client.end(errorFrame("FATAL", "0A000", `protocol: expected 3.0, got ${code >> 16}.x`));
      return false;
    }
    if (found === undefined) {
      const known = Object.keys(options.roles).join(" or ");
      client.end(errorFrame("FATAL", "28000", `user: expected ${known}, got "${user}"`));
      return false;
    }
    // A newer minor version is answered with the one that we speak, 3.0.
    if ((code & 0xffff) !== 0) client.send(frame("v", PROTOCOL_3_0, 0));
    return welcome(found);
  }

  function welcome(granted: string): boolean {
    role = granted;
    client.send(welcomeFrames(options.settings, options.id, options.secret));
    return true;
  }

  /** The answer to the question for a password. */
  function enter(door: Door): boolean {
    const message = reader.message();
    if (message === undefined) return false;
    const given = message.frame.subarray(5, -1).toString("utf8");
    if (message.type === "p" && isSame(given, door.password)) return welcome(door.role);
    client.end(errorFrame("FATAL", "28P01", "password: expected that of this server, got another"));
    return false;
  }

  function take(message: ClientMessage): void {
    const { type } = message;
    if (type === "X") {
      socket.end();
      return;
    }
    if (type === "d" || type === "c" || type === "f") return; // rows of a COPY that was refused
    refusal ??= refuse(message, role, options.roles);
    const ends = type === "Q" || type === "S" || type === "F" || type === "H";
    if (refusal === undefined) batch.push(message);
    if (!ends || (refusal !== undefined && type === "H")) return;
    // A refused batch is dropped; the Sync in its place brings back the transaction's true status.
    units.push(
      refusal === undefined
        ? toUnit(batch, flushed)
        : { frames: SYNC_FRAME, complete: true, leavesState: false, refusal },
    );
    flushed = type === "H" || (flushed && type !== "S");
    batch = [];
    refusal = undefined;
    events.ready(client);
  }

  socket.on("data", (chunk: Buffer) => {
    if (dismissed) return;
    try {
      reader.push(chunk);
      while (role === "") {
        if (!(asked && options.door !== undefined ? enter(options.door) : start())) return;
      }
      for (let message = reader.message(); message !== undefined; message = reader.message()) {
        take(message);
      }
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      client.end(errorFrame("FATAL", "08P01", `protocol: expected a frame, got ${error.message}`));
    }
  });
  socket.on("error", () => socket.destroy());
  socket.on("close", () => events.leave(client));
  return client;
}

function toUnit(batch: readonly ClientMessage[], flushed: boolean): Unit {
  const leavesState = batch.some(mayLeaveState);
  return {
    frames: Buffer.concat(batch.map((part) => part.frame)),
    complete: batch.at(-1)!.type !== "H",
    leavesState,
    marked: leavesState || flushed ? undefined : markedStatement(batch),
  };
}

/** Digests have one length and take one time to compare, whatever was given. */
function isSame(given: string, expected: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}

function refuse(
  message: ClientMessage,
  role: string,
  roles: Readonly<Record<string, string>>,
): Buffer | undefined {
  const sql = sqlOf(message);
  if (sql === undefined) return undefined;
  if (COPIES_IN.test(sql)) {
    return errorFrame(
      "ERROR",
      "0A000",
      "COPY FROM STDIN: expected PostgreSQL, got the embedded database",
    );
  }
  if (role !== roles["postgres"] && LEAVES_ROLE.test(sql)) {
    return errorFrame(
      "ERROR",
      "42501",
      "role: expected a statement that keeps it, got one that leaves it",
    );
  }
  return undefined;
}

import { randomInt } from "node:crypto";
import type { Socket } from "node:net";
import { createKeptStatements, type KeepOptions } from "./kept-statements.ts";
import { type ClientState, type Door, joinClient } from "./multiplexer-client.ts";
import { errorFrame, finalStatus, queryFrame, readyFrame, SYNC_FRAME } from "./wire.ts";

/**
 * Many clients on the one backend that PGlite is.
 *
 * A client's frames are gathered into units: one simple query, or everything up to a Sync. A unit runs
 * whole. A client whose transaction is open (or whose batch has no Sync yet) holds the backend, and the
 * others wait; everybody else is served in the order of arrival. Before another client's unit runs,
 * the session is made new (DISCARD ALL) and given that client's role, so that nothing leaks: only SET
 * LOCAL and unnamed statements live as long as they are used. Between clients of one role that need not
 * be when what ran can leave nothing behind: see session-state.ts. Marked statements are prepared once for
 * all of them: see kept-statements.ts.
 *
 * A holder that says nothing for `idleMs` is rolled back and disconnected, as PostgreSQL does with
 * idle_in_transaction_session_timeout; one that disconnects is rolled back.
 */
const ERROR_TYPE = 0x45; // E

export type Backend = Readonly<{ exec(frames: Buffer): Buffer }>;

export type Multiplexer = Readonly<{
  /** Takes a client in; through a door it has to say the password first. */
  accept(socket: Socket, door?: Door): void;
  /** Lets open transactions end, tells the others to go, and resolves when the last one has gone. */
  drain(timeoutMs: number): Promise<void>;
}>;

export type MultiplexerOptions = Readonly<{
  settings: Readonly<Record<string, string>>;
  idleMs: number;
  keep: KeepOptions;
  /** The database role of each user name that may connect. */
  roles: Readonly<Record<string, string>>;
}>;

/** Puts clients in line before one backend. */
export function createMultiplexer(backend: Backend, options: MultiplexerOptions): Multiplexer {
  const clients = new Map<number, ClientState>();
  const waiting: ClientState[] = [];
  const kept = createKeptStatements(backend.exec, options.keep);
  let holder: ClientState | undefined;
  let session: ClientState | undefined;
  /** The role that the session has, and whether something may be left in it. */
  let sessionRole = "";
  let isDirty = false;
  let idleTimer: NodeJS.Timeout | undefined;
  let scheduled = false;
  let draining = false;
  let onEmpty: (() => void) | undefined;

  function schedule(): void {
    if (scheduled) return;
    scheduled = true;
    setImmediate(() => {
      scheduled = false;
      step();
    });
  }

  function step(): void {
    const client = holder ?? waiting.shift();
    const unit = client?.units.shift();
    if (client === undefined || unit === undefined) return;
    clearTimeout(idleTimer);
    enter(client);
    if (unit.refusal !== undefined) client.send(unit.refusal);
    if (unit.leavesState) isDirty = true;
    const reply = unit.marked ? kept.run(unit.marked) : backend.exec(unit.frames);
    if (unit.leavesState) kept.forget();
    client.send(reply);
    const status = unit.complete ? finalStatus(reply) : "T";
    holder = status === "I" ? undefined : client;
    if (holder !== undefined) idleTimer = setTimeout(() => expire(client), options.idleMs);
    else if (client.units.length > 0) waiting.push(client);
    else if (draining) dismiss(client);
    if (holder?.units.length !== 0) schedule();
  }

  /** Makes the session new for a client that was not the last one to use it. */
  function enter(client: ClientState): void {
    if (session === client) return;
    session = client;
    if (sessionRole === client.role && !isDirty) return;
    for (const sql of ["DISCARD ALL", `SET SESSION AUTHORIZATION "${client.role}"`]) {
      const reply = backend.exec(queryFrame(sql));
      if (reply[0] === ERROR_TYPE) throw new Error(`${sql}: ${reply.toString("latin1")}`);
    }
    kept.forget();
    sessionRole = client.role;
    isDirty = false;
  }

  /** The frames that came while this thread was busy are read before the verdict. */
  function expire(client: ClientState): void {
    setImmediate(() => {
      if (holder !== client || client.units.length > 0) return;
      abandon(client);
      client.end(errorFrame("FATAL", "25P03", idleMessage(options.idleMs)));
    });
  }

  function abandon(client: ClientState): void {
    if (holder !== client) return;
    clearTimeout(idleTimer);
    backend.exec(SYNC_FRAME);
    backend.exec(queryFrame("ROLLBACK"));
    holder = undefined;
    schedule();
  }

  function leave(client: ClientState): void {
    if (!clients.delete(client.id)) return;
    client.units.length = 0;
    const at = waiting.indexOf(client);
    if (at >= 0) waiting.splice(at, 1);
    abandon(client);
    if (session === client) session = undefined;
    if (clients.size === 0) onEmpty?.();
  }

  /** Nothing that this client asked for has begun, so it may safely ask the next owner. */
  function dismiss(client: ClientState): void {
    client.units.length = 0;
    client.end(errorFrame("FATAL", "57P01", "the process that owned the database has left"));
  }

  /** A query that waits can be cancelled; one that runs cannot, for the backend is one thread. */
  function cancel(id: number, secret: number): void {
    const client = clients.get(id);
    const at = client === undefined ? -1 : waiting.indexOf(client);
    if (client === undefined || client.secret !== secret || at < 0) return;
    waiting.splice(at, 1);
    client.units.shift();
    client.send(errorFrame("ERROR", "57014", "canceling statement due to user request"));
    client.send(readyFrame("I"));
    if (client.units.length > 0) waiting.push(client);
  }

  return {
    accept(socket, door) {
      const id = freeId(clients);
      const client = joinClient(
        socket,
        { id, secret: randomInt(2 ** 31), ...options, ...(door === undefined ? {} : { door }) },
        {
          ready: (ready) => {
            if (ready !== holder && !waiting.includes(ready)) waiting.push(ready);
            schedule();
          },
          leave,
          cancel,
        },
      );
      clients.set(id, client);
    },
    async drain(timeoutMs) {
      draining = true;
      for (const client of [...clients.values()]) if (client !== holder) dismiss(client);
      waiting.length = 0;
      if (clients.size === 0) return;
      await new Promise<void>((resolve) => {
        onEmpty = resolve;
        setTimeout(resolve, timeoutMs).unref();
      });
      for (const client of [...clients.values()]) {
        leave(client);
        client.destroy();
      }
    },
  };
}

function freeId(taken: ReadonlyMap<number, unknown>): number {
  const id = randomInt(1, 2 ** 31);
  return taken.has(id) ? freeId(taken) : id;
}

function idleMessage(idleMs: number): string {
  return `transaction: expected the next statement within ${idleMs / 1000} s, got none; it was rolled back`;
}

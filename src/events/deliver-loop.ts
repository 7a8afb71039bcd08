import type { Clock } from "../core/clock.ts";
import type { Database } from "../store/database.ts";
import {
  type Delivery,
  expectsDeliveries,
  finishDelivery,
  leaseDelivery,
  type Outcome,
} from "./delivery-queries.ts";

/** Brings one delivery to its place; an error that it throws is reported and tried again. */
export type Deliver = (delivery: Delivery, signal: AbortSignal) => Promise<Outcome>;

export type DeliveryParts = Readonly<{
  db: Database;
  /** For each target of deliveries how they get there. */
  targets: Readonly<Record<string, Deliver>>;
  maxConcurrent: number;
  /** Longer than any attempt takes: afterwards another process may try. */
  leaseMs: number;
  /** Told of errors that end no delivery, such as a database that is away. */
  report(error: unknown): void;
}>;

/**
 * Works off the outbox. A delivery is leased by a row of the database while somebody works on it, so
 * that several processes share the work, and one that was killed has its work done by another when
 * the lease ends: at least once, with the same id each time.
 */
export type DeliveryLoop = Readonly<{
  start(): void;
  /** Works off what is due now, and returns when nothing is. */
  drain(): Promise<void>;
  /** Ends the attempts under way, which are made again by the next process. */
  close(): Promise<void>;
}>;

const POLL_MS = 500;
/** Where nothing is subscribed and nothing waits. */
const IDLE_POLL_MS = 1_000;
const MAX_BACKOFF_MS = 60_000;
/** One webhook that hangs leaves room for the others. */
const SHARE_OF_ONE = 0.5;

export function createDeliveryLoop(parts: DeliveryParts, clock: Clock): DeliveryLoop {
  const { db } = parts;
  const targets = Object.keys(parts.targets);
  const stopping = new AbortController();
  const underWay = new Map<Delivery, Promise<void>>();
  let nap = new AbortController();
  let running: Promise<void> | undefined;

  const wake = () => nap.abort();

  function busyWebhooks(): string[] {
    const counts = new Map<string, number>();
    for (const { webhookId } of underWay.keys()) {
      if (webhookId !== null) counts.set(webhookId, (counts.get(webhookId) ?? 0) + 1);
    }
    const most = Math.max(1, Math.floor(parts.maxConcurrent * SHARE_OF_ONE));
    return [...counts].flatMap(([id, count]) => (count >= most ? [id] : []));
  }

  /** Starts what is due, as far as there is room. */
  async function fill(): Promise<void> {
    while (!stopping.signal.aborted && underWay.size < parts.maxConcurrent) {
      const now = clock.now();
      const until = new Date(now.getTime() + parts.leaseMs);
      const busy = busyWebhooks();
      const delivery = await leaseDelivery(db, { now, until, targets, busy });
      if (delivery === undefined) return;
      const done = attempt(delivery).finally(() => {
        underWay.delete(delivery);
        wake();
      });
      underWay.set(delivery, done);
    }
  }

  async function attempt(delivery: Delivery): Promise<void> {
    let outcome: Outcome;
    try {
      outcome = await parts.targets[delivery.target]!(delivery, stopping.signal);
    } catch (error) {
      parts.report(error);
      const afterMs = backoffMs(delivery.attempts);
      outcome = { state: "waiting", error: "an error of the server; see its log", afterMs };
    }
    // what cannot be written now is tried again when the lease ends
    await finishDelivery(db, delivery, outcome, clock.now()).catch(parts.report);
  }

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      nap = new AbortController();
      let restMs = IDLE_POLL_MS;
      try {
        if (underWay.size > 0 || (await expectsDeliveries(db))) {
          restMs = POLL_MS;
          await fill();
        }
      } catch (error) {
        parts.report(error);
      }
      await clock.sleep(restMs, AbortSignal.any([nap.signal, stopping.signal]));
    }
  }

  return {
    start() {
      running ??= run();
    },
    async drain() {
      for (;;) {
        await fill();
        if (underWay.size === 0) return;
        await Promise.race(underWay.values());
      }
    },
    async close() {
      stopping.abort();
      await running;
      await Promise.all(underWay.values());
    },
  };
}

/** Doubled each time, at most a minute, and up to a second of chance so that no two come together. */
export function backoffMs(attempts: number, uniform = Math.random()): number {
  return Math.min(MAX_BACKOFF_MS, 1000 * 2 ** attempts + Math.floor(1000 * uniform));
}

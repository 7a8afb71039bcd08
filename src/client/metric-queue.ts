/**
 * Metric points on their way to the server. A training loop hands over a point and goes on; points
 * leave in batches, in order, one batch at a time.
 *
 * One rule holds against a server slower than the loop: `add` always takes the point, and answers a
 * promise that is settled while fewer than `capacity` points wait, and settles when that is so again.
 * Who awaits it never has more than `capacity` points in memory.
 *
 * A batch that cannot be stored is not lost in silence: `onError` hears of it at once, and the next
 * `flush` fails with it, both with the points.
 */
import type { Metric } from "./metric.ts";
import { TrackingError } from "./tracking-error.ts";

/** Points that the server refused, or that could not reach it. */
export class LostMetricsError extends TrackingError {
  override readonly name = "LostMetricsError";
  readonly runId: string;
  readonly metrics: readonly Metric[];

  constructor(runId: string, metrics: readonly Metric[], cause: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const { status, errorCode } =
      cause instanceof TrackingError ? cause : { status: 0, errorCode: "CONNECTION_FAILED" };
    super(
      status,
      errorCode,
      `run ${runId}: ${metrics.length} metric points not stored: ${reason}`,
      {
        cause,
      },
    );
    this.runId = runId;
    this.metrics = metrics;
  }
}

export type MetricQueue = Readonly<{
  /** Takes a point; settled while there is room. */
  add(metric: Metric): Promise<void>;
  /** Sends all that waits; fails with the points that were lost since the last time. */
  flush(): Promise<void>;
}>;

export type QueueSettings = Readonly<{
  runId: string;
  capacity: number;
  batchDelayMs: number;
  onError: (error: Error) => void;
}>;

/** The server takes so many in one request. */
const BATCH_SIZE = 1000;

const ROOM = Promise.resolve();

export function createMetricQueue(
  settings: QueueSettings,
  send: (metrics: readonly Metric[]) => Promise<void>,
): MetricQueue {
  const { runId, capacity, batchDelayMs, onError } = settings;
  let waiting: Metric[] = [];
  let inFlight = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let draining: Promise<void> | undefined;
  let room: PromiseWithResolvers | undefined;
  let lost: readonly Metric[] = [];
  let reason: unknown;

  function isFull(): boolean {
    return waiting.length + inFlight >= capacity;
  }

  /** Sends batches until nothing waits; never fails. */
  function drain(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    draining ??= sendAll().finally(() => {
      draining = undefined;
    });
    return draining;
  }

  async function sendAll(): Promise<void> {
    while (waiting.length > 0) {
      const batch = waiting.slice(0, BATCH_SIZE);
      waiting = waiting.slice(BATCH_SIZE);
      inFlight = batch.length;
      try {
        await send(batch);
      } catch (error) {
        if (lost.length === 0) reason = error;
        lost = [...lost, ...batch];
        const report = new LostMetricsError(runId, batch, error);
        queueMicrotask(() => onError(report)); // what it throws is no fault of the queue
      }
      inFlight = 0;
      if (!isFull()) {
        room?.resolve();
        room = undefined;
      }
    }
  }

  return {
    add(metric) {
      waiting.push(metric);
      if (waiting.length >= BATCH_SIZE || isFull()) void drain();
      else timer ??= setTimeout(() => void drain(), batchDelayMs);
      if (!isFull()) return ROOM;
      room ??= withResolvers();
      return room.promise;
    },
    async flush() {
      while (waiting.length > 0 || draining !== undefined) await drain();
      if (lost.length === 0) return;
      const error = new LostMetricsError(runId, lost, reason);
      lost = [];
      throw error;
    },
  };
}

type PromiseWithResolvers = Readonly<{ promise: Promise<void>; resolve: () => void }>;

/** Promise.withResolvers, which Node 20 does not have. */
function withResolvers(): PromiseWithResolvers {
  let resolve = () => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

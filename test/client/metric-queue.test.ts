import { expect, test } from "vitest";
import type { Metric } from "../../src/client/metric.ts";
import { createMetricQueue, LostMetricsError } from "../../src/client/metric-queue.ts";

const point = (step: number): Metric => ({ key: "loss", value: step, timestamp: 1, step });

/** A server that the test opens and closes. */
function gate() {
  const batches: (readonly Metric[])[] = [];
  const releases: (() => void)[] = [];
  return {
    batches,
    release: () => releases.shift()?.(),
    send: (metrics: readonly Metric[]) => {
      batches.push(metrics);
      return new Promise<void>((resolve) => releases.push(resolve));
    },
  };
}

const settings = { runId: "r", capacity: 3000, batchDelayMs: 0, onError: () => {} };

async function isSettled(promise: Promise<void>): Promise<boolean> {
  return Promise.race([
    promise.then(() => true),
    new Promise<boolean>((r) => setImmediate(r, false)),
  ]);
}

test("points leave in order, at most 1000 at a time, one batch at a time", async () => {
  const sent: (readonly Metric[])[] = [];
  let running = 0;
  const queue = createMetricQueue({ ...settings, capacity: 10_000 }, async (metrics) => {
    running += 1;
    expect(running).toBe(1);
    await new Promise((resolve) => setImmediate(resolve));
    sent.push(metrics);
    running -= 1;
  });
  for (let step = 0; step < 2500; step++) void queue.add(point(step));
  await queue.flush();
  expect(Math.max(...sent.map((batch) => batch.length))).toBe(1000);
  expect(sent.flat().map(({ step }) => step)).toEqual(Array.from({ length: 2500 }, (_, i) => i));
});

test("add is settled while there is room, and again when there is some", async () => {
  const server = gate();
  const queue = createMetricQueue(settings, server.send);
  for (let step = 0; step < 2999; step++)
    expect(await isSettled(queue.add(point(step)))).toBe(true);
  const full = queue.add(point(2999));
  expect(await isSettled(full)).toBe(false);
  server.release();
  expect(await isSettled(full)).toBe(true);
  const flushed = queue.flush();
  while (!(await isSettled(flushed))) server.release();
  expect(server.batches.flat()).toHaveLength(3000);
}, 60_000);

test("a few points are sent soon without a flush", async () => {
  const sent = await new Promise<readonly Metric[]>((resolve) => {
    const queue = createMetricQueue(settings, async (metrics) => resolve(metrics));
    void queue.add(point(1));
    void queue.add(point(2));
  });
  expect(sent.map(({ step }) => step)).toEqual([1, 2]);
});

test("a batch that is refused is told of twice, with its points; the others are stored", async () => {
  const told: Error[] = [];
  const stored: Metric[] = [];
  const queue = createMetricQueue(
    { ...settings, capacity: 5000, onError: (error) => told.push(error) },
    async (metrics) => {
      if (metrics[0]!.step === 1000) throw new Error("refused");
      stored.push(...metrics);
    },
  );
  for (let step = 0; step < 2500; step++) void queue.add(point(step));
  const error = await queue.flush().catch((failure: unknown) => failure);
  expect(error).toBeInstanceOf(LostMetricsError);
  const lost = (error as LostMetricsError).metrics;
  expect([lost.length, lost[0]!.step]).toEqual([1000, 1000]);
  expect((error as Error).message).toBe("run r: 1000 metric points not stored: refused");
  expect(stored).toHaveLength(1500);
  expect(told).toHaveLength(1);
  await queue.flush(); // it was told of; nothing is left
});

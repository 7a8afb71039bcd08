import { expect, test } from "vitest";
import { createEmbeddingQueue } from "../../../src/agent-memory/embedding/embedding-queue.ts";
import type { EmbeddingThread } from "../../../src/agent-memory/embedding/embedding-thread.ts";

/** A thread that answers when it is told to, with the length of a text as its vector. */
function heldThread(log: string[][]) {
  const waiting: (() => void)[] = [];
  let closed = 0;
  const thread: EmbeddingThread = {
    facts: { fingerprint: "sha256:0", model: "lengths", runtime: "wasm", dimensions: 1 },
    async embed(texts) {
      log.push([...texts]);
      await new Promise<void>((resolve) => waiting.push(resolve));
      if (texts.includes("poison")) throw new Error("the thread ended");
      // "a|b|c" is too long: its parts are its chunks
      return texts.map((text) =>
        text.includes("|") ? text.split("|") : Float32Array.of(text.length),
      );
    },
    async close() {
      closed += 1;
    },
  };
  const answer = async () => {
    waiting.shift()!();
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { thread, answer, closed: () => closed };
}

const batch = { isQuery: false, signals: [] };
const query = { isQuery: true, signals: [] };
const names = (prefix: string, count: number) =>
  Array.from({ length: count }, (_, i) => `${prefix}${i}`);
const never = () => Promise.reject(new Error("no other thread was to start"));

test("a query goes before batches, and batches take turns", async () => {
  const log: string[][] = [];
  const { thread, answer } = heldThread(log);
  const queue = createEmbeddingQueue(thread, 1, never);
  const results = [
    queue.embed(names("a", 20), batch),
    queue.embed(names("b", 9), batch),
    queue.embed(["question"], query),
  ];
  for (let i = 0; i < 6; i++) await answer();
  const firsts = log.map(([first]) => first);
  expect(firsts).toEqual(["a0", "question", "a8", "b0", "a16", "b8"]);
  expect((await Promise.all(results)).map((vectors) => vectors.length)).toEqual([20, 9, 1]);
});

test("with no thread at first, the first text starts one, and what cannot start is tried again", async () => {
  const { thread, answer } = heldThread([]);
  let tries = 0;
  const queue = createEmbeddingQueue(undefined, 1, async () => {
    tries += 1;
    if (tries === 1) throw new Error("the file is damaged");
    return thread;
  });
  expect(await queue.embed([], batch)).toEqual([]);
  expect(tries).toBe(0);
  await expect(queue.embed(["ab"], batch)).rejects.toThrow("the file is damaged");
  const call = queue.embed(["ab"], batch);
  await new Promise((resolve) => setImmediate(resolve));
  await answer();
  expect(await call).toEqual([[Float32Array.of(2)]]);
  expect(tries).toBe(2);
});

test("a text that comes twice runs once; chunks run as texts do and come back in order", async () => {
  const log: string[][] = [];
  const { thread, answer } = heldThread(log);
  const queue = createEmbeddingQueue(thread, 1, never);
  const result = queue.embed(["ab", "a|bbb|ab", "ab"], batch);
  await answer();
  await answer();
  expect(log).toEqual([
    ["ab", "a|bbb|ab"],
    ["a", "bbb"],
  ]);
  expect((await result).map((vectors) => vectors.map(([value]) => value))).toEqual([
    [2],
    [1, 3, 2],
    [2],
  ]);
});

test("more threads start for more work, and never more than were allowed", async () => {
  const log: string[][] = [];
  const held = names("thread", 3).map(() => heldThread(log));
  let started = 1;
  const queue = createEmbeddingQueue(held[0]!.thread, 3, async () => held[started++]!.thread);
  const small = queue.embed(["one"], batch);
  await new Promise((resolve) => setImmediate(resolve));
  expect(started).toBe(1);
  const large = queue.embed(names("t", 80), batch);
  await new Promise((resolve) => setImmediate(resolve));
  expect(started).toBe(3);
  for (let turn = 0; turn < 5; turn++) {
    for (const each of held) await each.answer().catch(() => {});
  }
  expect(await small).toHaveLength(1);
  expect(await large).toHaveLength(80);
  expect(started).toBe(3);
  await queue.close();
  expect(held.map(({ closed }) => closed())).toEqual([1, 1, 1]);
});

test("a thread that fails fails its call, and the next call gets another thread", async () => {
  const log: string[][] = [];
  const first = heldThread(log);
  const second = heldThread(log);
  const queue = createEmbeddingQueue(first.thread, 1, async () => second.thread);
  const poisoned = queue.embed(["poison"], batch);
  const other = queue.embed(["fine"], batch);
  const failure = expect(poisoned).rejects.toThrow("the thread ended");
  await first.answer();
  await failure;
  expect(first.closed()).toBe(1);
  await second.answer();
  expect(await other).toEqual([[Float32Array.of(4)]]);
});

test("a thread that cannot start fails the calls that wait", async () => {
  const { thread, answer } = heldThread([]);
  const queue = createEmbeddingQueue(thread, 1, () => Promise.reject(new Error("no memory")));
  const poisoned = expect(queue.embed(["poison"], batch)).rejects.toThrow("the thread ended");
  const other = expect(queue.embed(["fine"], batch)).rejects.toThrow("no memory");
  await answer();
  await Promise.all([poisoned, other]);
});

test("where a further thread cannot start, those that run do the work", async () => {
  const { thread, answer } = heldThread([]);
  let tries = 0;
  const queue = createEmbeddingQueue(thread, 4, () => {
    tries += 1;
    return Promise.reject(new Error("no memory"));
  });
  const call = queue.embed(names("t", 24), batch);
  for (let i = 0; i < 3; i++) await answer();
  expect(await call).toHaveLength(24);
  expect(tries).toBe(1);
});

test("so many calls wait and no more; closing ends them", async () => {
  const { thread } = heldThread([]);
  const queue = createEmbeddingQueue(thread, 1, never);
  const calls = Array.from({ length: 1024 }, () => queue.embed(["x"], batch));
  const ended = Promise.all(
    calls.map((call) => expect(call).rejects.toMatchObject({ code: "INTERRUPTED" })),
  );
  await expect(queue.embed(["x"], batch)).rejects.toMatchObject({ code: "RATE_LIMITED" });
  await queue.close();
  await ended;
});

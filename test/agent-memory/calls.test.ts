import { setImmediate } from "node:timers/promises";
import { expect, test } from "vitest";
import { createCalls } from "../../src/agent-memory/calls.ts";
import type { Memory, MemoryLine } from "../../src/agent-memory/memory.ts";

const CLOSED = {
  ...{ name: "DuetMindError", code: "INTERRUPTED" },
  message: "memory: expected to be open, got one that was closed",
};

const turns = async () => {
  for (let turn = 0; turn < 20; turn++) await setImmediate();
};

test("closing waits for calls that have begun, those that fail too, and refuses others", async () => {
  const settle: ((fails: boolean) => void)[] = [];
  const asked: string[] = [];
  const calls = createCalls();
  const { storeMemory } = calls.of({
    storeMemory: ({ content }) => {
      asked.push(content);
      return new Promise((resolve, reject) =>
        settle.push((fails) => (fails ? reject(new Error("its own")) : resolve(content))),
      );
    },
  } as Memory);
  const events: string[] = [];
  const begun = ["one", "two"].map((content) => storeMemory({ sessionId: "s", content }));
  const closing = calls.close().then(() => events.push("closed"));
  await expect(storeMemory({ sessionId: "s", content: "late" })).rejects.toMatchObject(CLOSED);
  settle[0]!(false);
  expect(await begun[0]).toBe("one");
  await turns();
  expect(events).toEqual([]);
  settle[1]!(true);
  await expect(begun[1]).rejects.toThrow("its own");
  await closing;
  expect(asked).toEqual(["one", "two"]);
});

test("closing waits for the next line of an export and no longer", async () => {
  const events: string[] = [];
  const give: (() => void)[] = [];
  const calls = createCalls();
  const memory = calls.of({
    async *exportMemories() {
      try {
        for (const id of ["a", "b"]) {
          await new Promise<void>((resolve) => give.push(resolve));
          yield { id } as MemoryLine;
        }
      } finally {
        events.push("returned");
      }
    },
  } as Partial<Memory> as Memory);
  const lines = memory.exportMemories()[Symbol.asyncIterator]();
  const first = lines.next();
  const closing = calls.close().then(() => events.push("closed"));
  await turns();
  expect(events).toEqual([]);
  give[0]!();
  expect((await first).value).toEqual({ id: "a" });
  await closing;
  await expect(lines.next()).rejects.toMatchObject(CLOSED);
  expect(events).toEqual(["closed", "returned"]);
  await expect(memory.exportMemories()[Symbol.asyncIterator]().next()).rejects.toMatchObject(
    CLOSED,
  );
});

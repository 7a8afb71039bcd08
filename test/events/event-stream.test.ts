import { expect, test } from "vitest";
import { fixedClock, systemClock } from "../../src/core/clock.ts";
import { realEffects } from "../../src/core/effects.ts";
import { appendEvent } from "../../src/events/append-event.ts";
import { createEventStream } from "../../src/events/event-stream.ts";
import { createIdempotentReplies } from "../../src/events/idempotent-replies.ts";
import { createSeal } from "../../src/events/seal-secret.ts";
import { createUpkeep } from "../../src/events/upkeep.ts";
import { temporaryFolder, testDatabase } from "../support/database.ts";

const database = await testDatabase();
const stream = createEventStream(database, systemClock);
const seal = createSeal(temporaryFolder(), {}, realEffects);

function tell(data: unknown, topic = "runs", clock = systemClock) {
  const event = { topic, kind: "run.finished", actor: "ann", data };
  return appendEvent(database.kysely, event, clock);
}

test("numbers grow by one and a reader goes on behind the last it has seen", async () => {
  for (const n of [1, 2, 3]) await tell({ n });
  const first = await stream.readAfter(0, undefined, 2);
  expect(first.map(({ data }) => data)).toEqual([{ n: 1 }, { n: 2 }]);
  const rest = await stream.readAfter(first.at(-1)!.number, undefined, 10);
  expect(rest.map(({ data }) => data)).toEqual([{ n: 3 }]);
  expect(rest[0]!.number).toBe(first[1]!.number + 1);
});

test("readers at once give each event one number, and every reader sees all of them", async () => {
  const { last } = await stream.bounds();
  await Promise.all(Array.from({ length: 40 }, (_, n) => tell({ at_once: n }, "models")));
  const reads = await Promise.all(
    Array.from({ length: 5 }, () => stream.readAfter(last, ["models"], 100)),
  );
  const found = await stream.readAfter(last, ["models"], 100);
  expect(new Set(found.map(({ number }) => number)).size).toBe(40);
  for (const read of reads) expect(found.slice(0, read.length)).toEqual(read);
});

test("a change that is rolled back tells nothing", async () => {
  const { last } = await stream.bounds();
  const failed = database.transaction(async (db) => {
    const event = { topic: "runs", kind: "run.finished", actor: "ann", data: { never: true } };
    await appendEvent(db, event, systemClock);
    throw new Error("no");
  });
  await expect(failed).rejects.toThrow("no");
  expect(await stream.readAfter(last, undefined, 10)).toEqual([]);
});

test("events are forgotten after a day, and the oldest kept number says so", async () => {
  await tell({ old: true }, "runs", fixedClock("2020-01-01T00:00:00Z"));
  const before = await stream.bounds();
  expect(await stream.forgetOld()).toBe(1);
  const after = await stream.bounds();
  expect(after.last).toBe(before.last);
  expect((await stream.readAfter(0, undefined, 1000)).map(({ data }) => data)).not.toContainEqual({
    old: true,
  });
});

test("upkeep forgets replies after a day as well, goes on after an error, and ends when told", async () => {
  const past = createIdempotentReplies(database, seal, fixedClock("2020-01-01T00:00:00Z"));
  await past.once({ actor: "ann", key: "old", request: 1 }, async () => ({
    status: 200,
    headers: {},
    body: "",
  }));
  const replies = createIdempotentReplies(database, seal, systemClock);
  const errors: unknown[] = [];
  const broken = () => Promise.reject(new Error("away"));
  const chores = [broken, replies.forgetOld];
  const upkeep = createUpkeep(chores, 60_000, systemClock, (error) => errors.push(error));
  upkeep.start();
  await upkeep.close();
  expect(errors).toHaveLength(1);
  expect(await database.kysely.selectFrom("idempotent_reply").select("key").execute()).toEqual([]);
});

import { sql } from "kysely";
import { beforeAll, beforeEach, expect, test } from "vitest";
import type { OpenedDatabase } from "../../src/store/database.ts";
import type { Lane } from "../../src/store/travel-together.ts";
import { testDatabase } from "../support/database.ts";

let database: OpenedDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
beforeEach(async () => {
  await database.kysely.deleteFrom("model_registry").execute();
});

const say = (lane: Lane, who: string) =>
  sql`SELECT set_config('duetmind.tenant', ${who}, true)`.execute(lane);
const add = (lane: Lane, name: string) =>
  sql`INSERT INTO model_registry (id, name, created_at, updated_at)
    VALUES (gen_random_uuid(), ${name}, now(), now())`.execute(lane);
async function seen(lane: Lane): Promise<string | undefined> {
  const { rows } = await sql<{ who: string }>`
    SELECT current_setting('duetmind.tenant', true) AS who`.execute(lane);
  return rows[0]?.who;
}
async function added(): Promise<string[]> {
  const rows = await database.kysely.selectFrom("model_registry").select("name").execute();
  return rows.map(({ name }) => name).sort();
}

test("what is asked first is asked behind the opening, and all is one transaction", async () => {
  const answer = await database.travelTogether({
    open: (lane) => say(lane, "ann"),
    first: (lane) => ({ who: seen(lane), two: sql<{ n: number }>`SELECT 2 AS n`.execute(lane) }),
    async run(lane, { who, two }, commit) {
      await Promise.all([add(lane, "a"), add(lane, "b"), commit()]);
      return [await who, (await two).rows[0]?.n];
    },
  });
  expect(answer).toEqual(["ann", 2]);
  expect(await added()).toEqual(["a", "b"]);
  expect((await seen(database.kysely)) ?? "").toBe("");
});

test("COMMIT follows where it is not called", async () => {
  const run = async (lane: Lane) => void (await add(lane, "a"));
  await database.travelTogether({ open: (lane) => say(lane, "ann"), first: () => ({}), run });
  expect(await added()).toEqual(["a"]);
});

test("of statements at once the first that fails says why; nothing is kept, though COMMIT is behind", async () => {
  const failing = database.travelTogether({
    open: (lane) => say(lane, "ann"),
    first: () => ({}),
    run: (lane, _, commit) =>
      Promise.all([add(lane, "a"), sql`SELECT 1 / 0`.execute(lane), add(lane, "b"), commit()]),
  });
  await expect(failing).rejects.toThrow("division by zero");
  expect(await added()).toEqual([]);
  expect((await seen(database.kysely)) ?? "").toBe("");
});

test("where the opening fails, what was asked behind it is not given", async () => {
  let given = false;
  const failing = database.travelTogether({
    open: (lane) => sql`SELECT 1 / 0`.execute(lane),
    first: (lane) => ({ who: seen(lane), added: add(lane, "a") }),
    run: async () => {
      given = true;
    },
  });
  await expect(failing).rejects.toThrow("division by zero");
  expect(given).toBe(false);
  expect(await added()).toEqual([]);
});

test("an error of what runs is rolled back, and the connection is used again", async () => {
  for (let i = 0; i < 30; i += 1) {
    const failing = database.travelTogether({
      open: (lane) => say(lane, "ann"),
      first: (lane) => ({ bad: sql`SELECT ${"x"}::int`.execute(lane) }),
      run: async (lane) => {
        await add(lane, "a").catch(() => {});
        throw new Error("no more");
      },
    });
    await expect(failing).rejects.toThrow("no more");
  }
  expect(await added()).toEqual([]);
});

test("journeys at once keep to themselves", async () => {
  const names = Array.from({ length: 40 }, (_, i) => `agent ${i}`);
  const answers = await Promise.all(
    names.map((name) =>
      database.travelTogether({
        open: (lane) => say(lane, name),
        first: (lane) => ({ who: seen(lane) }),
        async run(lane, { who }, commit) {
          const again = seen(lane);
          await Promise.all([add(lane, name), commit()]);
          return [await who, await again];
        },
      }),
    ),
  );
  expect(answers).toEqual(names.map((name) => [name, name]));
  expect(await added()).toHaveLength(40);
});

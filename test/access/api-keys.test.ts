import { expect, test } from "vitest";
import { createApiKeys } from "../../src/access/api-keys.ts";
import { fixedClock, systemClock } from "../../src/core/clock.ts";
import { testDatabase } from "../support/database.ts";

const database = await testDatabase();
const apiKeys = createApiKeys(database, systemClock);
const forever = { scope: "read", expiresAt: null } as const;

test("a key is known by itself and by nothing that the database holds", async () => {
  const { key, id } = await apiKeys.create({ name: "ci", ...forever }, "ann");
  expect(await apiKeys.callerOf(key)).toEqual({
    ...{ actor: "key:ci", scope: "read", tenant: null, agent: null },
  });
  expect(await apiKeys.callerOf(`${key}x`)).toBeUndefined();
  const row = await database.kysely
    .selectFrom("api_key")
    .selectAll()
    .where("id", "=", id)
    .executeTakeFirstOrThrow();
  expect(JSON.stringify(row)).not.toContain(key);
  expect(await apiKeys.callerOf(row.digest)).toBeUndefined();
  expect((await apiKeys.list()).find((each) => each.id === id)).not.toHaveProperty("key");
});

test("a revoked key ends at once, and leaves its row and a record of who ended it", async () => {
  const { key, id } = await apiKeys.create({ name: "old laptop", ...forever }, "ann");
  await apiKeys.callerOf(key);
  await apiKeys.revoke("old laptop", "bob");
  expect(await apiKeys.callerOf(key)).toBeUndefined();
  await expect(apiKeys.revoke(id, "bob")).rejects.toThrow(/expected one that is alive, got none/);
  const events = await database.kysely
    .selectFrom("audit_event")
    .select(["action", "actor"])
    .where("object_id", "=", id)
    .orderBy("at")
    .execute();
  expect(events).toEqual([
    { action: "api_key.create", actor: "ann" },
    { action: "api_key.revoke", actor: "bob" },
  ]);
});

test("a key that has expired is nobody's; keys of the past are refused", async () => {
  const past = createApiKeys(database, fixedClock("2020-01-01T00:00:00Z"));
  const expiresAt = new Date("2020-02-01T00:00:00Z");
  const { key } = await past.create({ name: "brief", scope: "admin", expiresAt }, "ann");
  expect(await past.callerOf(key)).toMatchObject({
    ...{ actor: "key:brief", scope: "admin" },
  });
  expect(await apiKeys.callerOf(key)).toBeUndefined();
  await expect(apiKeys.create({ name: "late", scope: "read", expiresAt }, "ann")).rejects.toThrow(
    /expiry in the future/,
  );
});

test("of two keys of one name each is revoked by its id", async () => {
  const first = await apiKeys.create({ name: "twin", ...forever }, "ann");
  await apiKeys.create({ name: "twin", ...forever }, "ann");
  await expect(apiKeys.revoke("twin", "ann")).rejects.toThrow(/got 2/);
  expect((await apiKeys.revoke(first.id, "ann")).id).toBe(first.id);
});

test("a key says whose memory its caller has", async () => {
  const made = await apiKeys.create(
    { name: "ward", ...forever, tenant: "clinic", agent: "nurse" },
    "ann",
  );
  expect(await apiKeys.callerOf(made.key)).toMatchObject({ tenant: "clinic", agent: "nurse" });
  for (const wrong of [{ tenant: "" }, { agent: "x".repeat(201) }, { tenant: "a\0" }]) {
    await expect(apiKeys.create({ name: "no", ...forever, ...wrong }, "ann")).rejects.toThrow(
      /api key: expected a (tenant|agent) of 1 to 200 characters/,
    );
  }
});

import { sql } from "kysely";
import { beforeAll, expect, test } from "vitest";
import { appendAudit, auditDigest } from "../../src/audit/append-audit.ts";
import { fixedClock } from "../../src/core/clock.ts";
import type { OpenedDatabase } from "../../src/store/database.ts";
import { testDatabase } from "../support/database.ts";

let database: OpenedDatabase;
beforeAll(async () => {
  database = await testDatabase();
});

const clock = fixedClock("2026-03-04T05:06:07.089Z");
const entry = {
  actor: "ada",
  action: "model_version.register",
  object_type: "model_version",
  object_id: "alzheimer",
  object_version: "3",
  after: { z: 1, a: [0.1, null, "ε4"], status: "staging" },
};

test("an event is stored with a digest that its row gives again", async () => {
  const event = await database.transaction((db) => appendAudit(db, entry, clock));
  const stored = await database.kysely
    .selectFrom("audit_event")
    .selectAll()
    .where("id", "=", event.id)
    .executeTakeFirstOrThrow();
  expect(stored).toEqual(event);
  const { digest, ...columns } = stored;
  expect(auditDigest(columns)).toBe(digest);
  expect(digest).toMatch(/^sha256:[0-9a-f]{64}$/);
});

test("another value, actor or time gives another digest", async () => {
  const event = await appendAudit(database.kysely, entry, clock);
  for (const change of [
    { actor: "bob" },
    { at: new Date(event.at.getTime() + 1) },
    { after: { ...entry.after, status: "production" } },
    { object_version: "4" },
    { reason: "because" },
  ]) {
    expect(auditDigest({ ...event, ...change })).not.toBe(event.digest);
  }
});

test("the digest is the one that Python's hashlib and json give", () => {
  // hashlib.sha256(json.dumps({...}, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
  //   .encode()).hexdigest(), Python 3.11
  expect(
    auditDigest({
      id: "019cb6e2-1111-7abc-8def-0123456789ab",
      at: new Date("2026-03-04T05:06:07.089Z"),
      actor: "ada",
      action: "model_version.register",
      object_type: "model_version",
      object_id: "alzheimer",
      object_version: "3",
      before: null,
      after: { z: 1, a: [0.1, null, "ε4"] },
      reason: null,
    }),
  ).toBe("sha256:e163e08b745bff691070e10a1d1a040c461d5b852854dab80b82a0a8d9a43cee");
});

test("an event of a transaction that fails is not there", async () => {
  const before = await countEvents();
  const failed = database.transaction(async (db) => {
    await appendAudit(db, entry, clock);
    throw new Error("the change failed");
  });
  await expect(failed).rejects.toThrow("the change failed");
  expect(await countEvents()).toBe(before);
});

test.each(["UPDATE", "DELETE", "TRUNCATE"])("%s is refused", async (verb) => {
  await appendAudit(database.kysely, entry, clock);
  const before = await countEvents();
  const statement = {
    UPDATE: sql`UPDATE audit_event SET actor = 'eve'`,
    DELETE: sql`DELETE FROM audit_event`,
    TRUNCATE: sql`TRUNCATE audit_event`,
  }[verb]!;
  // A plain role has no right to it (42501); the owner of the table is stopped by the trigger (DM001).
  const code = database.kind === "embedded" ? "42501" : "DM001";
  await expect(statement.execute(database.kysely)).rejects.toMatchObject({ code });
  expect(await countEvents()).toBe(before);
});

async function countEvents(): Promise<number> {
  const row = await database.kysely
    .selectFrom("audit_event")
    .select(({ fn }) => fn.countAll<number>().as("count"))
    .executeTakeFirstOrThrow();
  return row.count;
}

import {
  DummyDriver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  sql,
} from "kysely";
import { beforeAll, expect, test } from "vitest";
import { type Asking, UPKEEP, within, withinTogether } from "../../src/agent-memory/within.ts";
import type { OpenedDatabase } from "../../src/store/database.ts";
import { mayLeaveState } from "../../src/store/session-state.ts";
import type { Tables } from "../../src/store/tables.ts";
import { queryFrame } from "../../src/store/wire.ts";
import { testDatabase } from "../support/database.ts";

let database: OpenedDatabase;
beforeAll(async () => {
  database = await testDatabase();
});

const at = new Date("2026-03-01T12:00:00Z");
const ann: Asking = {
  identity: { tenant: "acme", agent: "ann", reach: "session" },
  sessions: ["s"],
  at,
};

const WHO = sql<{
  role: string;
  tenant: string | null;
  reach: string | null;
  sessions: string | null;
}>`
  SELECT current_user AS role, current_setting('duetmind.tenant', true) AS tenant,
    current_setting('duetmind.reach', true) AS reach, duetmind.memory_sessions()::text AS sessions`;

test("a transaction has the plain role and says who asks; the next one has neither", async () => {
  const inside = await within(database, ann, async (db) => (await WHO.execute(db)).rows[0]!);
  expect(inside).toEqual({
    ...{ role: "duetmind_memory", tenant: "acme", reach: "session", sessions: "{s}" },
  });
  const after = await database.transaction(async (db) => (await WHO.execute(db)).rows[0]!);
  expect(after.role).not.toBe("duetmind_memory");
  expect([after.tenant ?? "", after.reach ?? "", after.sessions]).toEqual(["", "", null]);
});

test("what is asked at once with the opening of a transaction has the plain role too", async () => {
  const asked = await withinTogether(database, ann, {
    first: (lane) => ({ who: WHO.execute(lane) }),
    run: async (lane, { who }) => [(await who).rows[0]!, (await WHO.execute(lane)).rows[0]!],
  });
  const plain = { role: "duetmind_memory", tenant: "acme", reach: "session", sessions: "{s}" };
  expect(asked).toEqual([plain, plain]);
  const after = await database.transaction(async (db) => (await WHO.execute(db)).rows[0]!);
  expect([after.tenant ?? "", after.role === "duetmind_memory"]).toEqual(["", false]);
});

test("a transaction that fails leaves neither role nor settings", async () => {
  const failing = within(database, ann, (db) => sql`SELECT 1 / 0`.execute(db));
  await expect(failing).rejects.toThrow("division by zero");
  const after = await database.transaction(async (db) => (await WHO.execute(db)).rows[0]!);
  expect([after.tenant ?? "", after.role === "duetmind_memory"]).toEqual(["", false]);
});

test.each(["a,b", 'a"b', "a\\b", "{a}", "NULL", "null", "", " ", "a'b", "北京"])(
  "a session may be called %j",
  async (session) => {
    const { rows } = await within(database, { ...ann, sessions: [session, "other"] }, (db) =>
      sql<{ sessions: string[] }>`SELECT duetmind.memory_sessions() AS sessions`.execute(db),
    );
    expect(rows[0]!.sessions).toEqual([session, "other"]);
  },
);

test("on the embedded database the statement costs the next client no new session", async () => {
  const statements: string[] = [];
  const kysely = new Kysely<Tables>({
    dialect: {
      createDriver: () => new DummyDriver(),
      createAdapter: () => new PostgresAdapter(),
      createIntrospector: (db) => new PostgresIntrospector(db),
      createQueryCompiler: () => new PostgresQueryCompiler(),
    },
    log: ({ query }) => void statements.push(query.sql),
  });
  const transaction: OpenedDatabase["transaction"] = (run) => kysely.transaction().execute(run);
  await within({ transaction } as OpenedDatabase, { identity: UPKEEP, at }, async () => {});
  expect(statements.join()).toContain("'duetmind_memory'");
  expect(
    statements.filter((text) => mayLeaveState({ type: "Q", frame: queryFrame(text) })),
  ).toEqual([]);
});

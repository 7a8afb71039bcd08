import { type RawBuilder, sql } from "kysely";
import pg from "pg";
import { beforeAll, expect, test } from "vitest";
import type { MemoryIdentity, MemoryScope } from "../../src/agent-memory/memory.ts";
import { type Asking, within } from "../../src/agent-memory/within.ts";
import { DuetMindError } from "../../src/core/errors.ts";
import type { Database } from "../../src/store/database.ts";
import { onPostgresql } from "../support/database.ts";
import { type MemoryTestBed, memoryTestBed } from "./memory-test-bed.ts";
import { countRows } from "./tables.ts";

type Known = Readonly<{ id: string; agent: string; sessionId: string; scope: MemoryScope }>;

let bed: MemoryTestBed;
let known: Known[];
let eves: string;

const NOBODYS = "0199c0de-0000-7000-8000-000000000000";
const SECRET = "the launch code is 0000";

beforeAll(async () => {
  bed = await memoryTestBed();
  known = [];
  for (const agent of ["ann", "bob"]) {
    for (const sessionId of ["s1", "s2"]) {
      for (const scope of ["session", "agent", "tenant"] as const) {
        const content = `${SECRET}, says ${agent} in ${sessionId} to ${scope}`;
        const metadata = { secret: true };
        const id = await bed.as({ agent }).storeMemory({ sessionId, content, scope, metadata });
        known.push({ id, agent, sessionId, scope });
      }
    }
  }
  eves = await bed.as({ tenant: "evil", agent: "ann" }).storeMemory({
    ...{ sessionId: "s1", content: "of eve" },
  });
});

const READERS: readonly (Partial<MemoryIdentity> & { session?: string })[] = [
  { reach: "session", session: "s1" },
  { reach: "session", session: "s2", agent: "bob" },
  { reach: "session" },
  { reach: "agent" },
  { reach: "agent", agent: "bob" },
  { reach: "agent", session: "s1" },
  { reach: "tenant" },
  { reach: "tenant", session: "s1" },
  ...(["session", "agent", "tenant"] as const).map((reach) => ({
    ...{ reach, tenant: "evil", session: "s1" },
  })),
];

type Reader = (typeof READERS)[number];

/** The rule in words: a session's own, an agent's own, a tenant's own. */
function owns({ tenant = "acme", agent = "ann", reach, session }: Reader, memory: Known): boolean {
  if (tenant !== "acme") return false;
  if (reach === "tenant") return true;
  const isNarrow = reach === "session" || session !== undefined;
  return memory.agent === agent && (!isNarrow || memory.sessionId === session);
}

function sees(reader: Reader, memory: Known): boolean {
  if (owns(reader, memory)) return true;
  if (reader.tenant === "evil" || reader.reach === "tenant") return false;
  if (memory.scope === "tenant") return true;
  return memory.scope === "agent" && memory.agent === (reader.agent ?? "ann");
}

test.each(READERS)("%j reads what it may and changes what is its own", async (reader) => {
  const { session, ...identity } = reader;
  const memory = bed.as(identity);
  const inSession = session === undefined ? {} : { sessionId: session };
  for (const each of known) {
    const read = await memory.getMemory(each.id, inSession).catch((error) => error.code);
    expect([each, read.id ?? read]).toEqual([each, sees(reader, each) ? each.id : "NOT_FOUND"]);
    const change = memory.updateMemory(each.id, { importance: 0.5 }, inSession);
    const changed = await change.catch((error) => error.code);
    const expected = sees(reader, each) ? "PERMISSION_DENIED" : "NOT_FOUND";
    expect([each, changed.id ?? changed]).toEqual([each, owns(reader, each) ? each.id : expected]);
    const { ids } = await memory.forgetMemories({ id: each.id, ...inSession }, { dryRun: true });
    const isInSession = session === undefined || each.sessionId === session;
    expect(ids).toEqual(owns(reader, each) && isInSession ? [each.id] : []);
  }
  const { items } = await memory.listMemories();
  const unnamed: Reader = { ...identity };
  expect(
    items
      .map(({ id }) => id)
      .filter((id) => id !== eves)
      .sort(),
  ).toEqual(
    known
      .filter((each) => sees(unnamed, each))
      .map(({ id }) => id)
      .sort(),
  );
});

/** Everything that takes an id, asked by eve. */
function attempts(id: string): Promise<unknown>[] {
  const eve = bed.as({ tenant: "evil", reach: "tenant" });
  return [
    eve.getMemory(id),
    eve.updateMemory(id, { content: "mine now" }),
    eve.forgetMemories({ id }),
    eve.forgetMemories({ id }, { mode: "hard" }),
    eve.associate({ from: eves, to: id, relation: "similar" }),
    eve.associate({ from: id, to: eves, relation: "similar" }),
    eve.relatedMemories(id),
    eve.storeMemory({
      ...{ sessionId: "s1", content: `linked to ${id}` },
      associations: [{ to: id, relation: "supports" }],
    }),
  ];
}

async function answers(id: string): Promise<string[]> {
  const settled = await Promise.allSettled(attempts(id));
  return settled.map((each) => {
    const said = each.status === "fulfilled" ? JSON.stringify(each.value) : String(each.reason);
    return said.replaceAll(id, "ID");
  });
}

test("another tenant's id is answered as one that nobody has, whatever is asked", async () => {
  const before = await countRows(bed.database, "agent_memory", "acme");
  for (const { id } of known) expect(await answers(id)).toEqual(await answers(NOBODYS));
  expect(await countRows(bed.database, "agent_memory", "acme")).toBe(before);
});

test("storing what another tenant has stored is not told from storing what nobody has", async () => {
  const eve = bed.as({ tenant: "evil", agent: "ann" });
  const content = `${SECRET}, says ann in s1 to session`;
  const [stored] = await eve.storeMemories([
    { sessionId: "s1", content, metadata: { secret: true } },
  ]);
  expect(stored).toMatchObject({ deduplicated: false, similar: [] });
  expect(known.map(({ id }) => id)).not.toContain(stored!.id);
});

test("an import cannot name another owner", async () => {
  const eve = bed.as({ tenant: "evil", agent: "eve" });
  const line = { session_id: "s9", content: "planted", agent: "ann", id: known[0]!.id };
  const { ids } = await eve.importMemories([line]);
  expect(ids).not.toContain(known[0]!.id);
  expect(await eve.getMemory(ids[0]!)).toMatchObject({ tenant: "evil", agent: "eve" });
  await expect(eve.importMemories([{ ...line, tenant: "acme" }])).rejects.toMatchObject({
    message: 'line 1: expected a known key, got "tenant"',
  });
});

test.each([
  { "x' OR true --": 1 },
  { x: "'} '::jsonb OR true; DROP TABLE duetmind.agent_memory; --" },
  { $1: "$2" },
  { secret: { $ne: false } },
  { secret: "true) OR (true" },
])("a filter of metadata is a value, whatever it says: %j", async (metadata) => {
  const { ids } = await bed.as().forgetMemories({ metadata }, { dryRun: true });
  expect(ids).toEqual([]);
});

test("a subject, a session and a type are values too", async () => {
  const memory = bed.as();
  const subject = "' OR '1'='1";
  expect((await memory.forgetMemories({ subject })).ids).toEqual([]);
  const sessionId = "s1'; RESET ROLE; --";
  await expect(memory.listMemories({ sessionId })).rejects.toMatchObject({ code: "NOT_FOUND" });
  await expect(memory.listMemories({ memoryTypes: ["a') OR true --"] })).rejects.toMatchObject({
    code: "BAD_INPUT",
  });
});

test("content that reads like a command is content", async () => {
  const memory = bed.as({ tenant: "commands" });
  const content =
    "'; RESET ROLE; SET SESSION AUTHORIZATION postgres; COPY x FROM STDIN; DISCARD ALL; --";
  const id = await memory.storeMemory({
    sessionId: content.slice(0, 100),
    content,
    actor: content,
  });
  expect(await memory.getMemory(id)).toMatchObject({ content, actor: content });
});

const EVE: Asking = {
  identity: { tenant: "evil", agent: "ann", reach: "tenant" },
  at: new Date("2026-03-01T12:00:00Z"),
};
const asEve = <T>(run: (db: Database) => Promise<T>) => within(bed.database, EVE, run);

test("a statement without any condition sees and takes what is its caller's only", async () => {
  const all = await asEve((db) =>
    sql<{ tenant: string }>`SELECT tenant FROM duetmind.agent_memory UNION ALL
      SELECT tenant FROM duetmind.memory_embedding UNION ALL
      SELECT tenant FROM duetmind.agent_sessions`.execute(db),
  );
  expect(new Set(all.rows.map(({ tenant }) => tenant))).toEqual(new Set(["evil"]));
  const before = await countRows(bed.database, "agent_memory", "acme");
  await asEve(async (db) => {
    await sql`UPDATE duetmind.agent_memory SET content = 'changed'`.execute(db);
    await sql`DELETE FROM duetmind.memory_embedding`.execute(db);
  });
  expect(await countRows(bed.database, "memory_embedding", "acme")).toBeGreaterThanOrEqual(before);
  expect((await bed.as().getMemory(known[0]!.id)).content).toContain(SECRET);
});

test("the role is a plain one, whoever connected", async () => {
  const { rows } = await asEve((db) =>
    sql`SELECT rolsuper, rolbypassrls, rolcanlogin FROM pg_roles WHERE rolname = current_user`.execute(
      db,
    ),
  );
  expect(rows).toEqual([{ rolsuper: false, rolbypassrls: false, rolcanlogin: false }]);
});

const REFUSED = { code: "42501" };

test.each([
  [
    "another's memory",
    sql`INSERT INTO duetmind.agent_memory (id, tenant, agent, session_id, content,
    content_digest, memory_type, importance_score, origin, created_at, updated_at)
    VALUES (gen_random_uuid(), 'acme', 'ann', 's1', 'x', 'x', 'x', 0, 'stored', now(), now())`,
  ],
  [
    "another's session",
    sql`INSERT INTO duetmind.agent_sessions VALUES ('acme', 'x', 'x', '{}', now(), now())`,
  ],
  ["moving a memory to another", sql`UPDATE duetmind.agent_memory SET tenant = 'acme'`],
  ["moving a session to another", sql`UPDATE duetmind.agent_sessions SET tenant = 'acme'`],
  ["policies off", sql`SET LOCAL row_security = off; SELECT count(*) FROM duetmind.agent_memory`],
  ["reading the audit", sql`SELECT * FROM duetmind.audit_event`],
  ["changing the audit", sql`DELETE FROM duetmind.audit_event`],
  ["reading keys", sql`SELECT * FROM duetmind.api_key`],
  ["a table of its own", sql`CREATE TABLE duetmind.loot (a int)`],
  ["another role", sql`SET LOCAL ROLE pg_read_all_data`],
])("refused to the role: %s", async (_, statement) => {
  if (onPostgresql && _ === "another role") return; // a superuser's session may take any role
  const error = await asEve((db) => statement.execute(db)).catch((refused: unknown) => refused);
  expect(error instanceof DuetMindError ? error.cause : error).toMatchObject(REFUSED);
});

test("an id in a foreign key is refused alike, whether somebody has it or nobody", async () => {
  const vector = `[${Array.from({ length: 3 }, () => 0.5).join(",")}]`;
  for (const id of [known[0]!.id, NOBODYS]) {
    for (const tenant of ["evil", "acme"]) {
      const embedding = asEve((db) =>
        sql`INSERT INTO duetmind.memory_embedding
          VALUES (${id}, 'm', 0, ${tenant}, 'ann', 's1', 'session', ${vector})`.execute(db),
      );
      await expect(embedding).rejects.toMatchObject(REFUSED);
    }
    const association = asEve((db) =>
      sql`INSERT INTO duetmind.memory_associations
        VALUES (${eves}, ${id}, 'similar', 'evil', 1, false, 'eve', now())`.execute(db),
    );
    await expect(association).rejects.toMatchObject(REFUSED);
  }
});

const IS_PRIVATE: Readonly<Record<string, RawBuilder<unknown>>> = {
  agent_memory: sql`t.scope = 'session'`,
  memory_embedding: sql`t.scope = 'session'`,
  memory_associations: sql`EXISTS (SELECT FROM duetmind.agent_memory m
    WHERE m.id IN (t.from_id, t.to_id) AND m.scope = 'session')`,
};

test.each([
  {},
  { tenant: "acme" },
  { tenant: "acme", agent: "ann" },
  { tenant: "acme", agent: "ann", reach: "session" },
  { tenant: "acme", agent: "ann", reach: "everything", sessions: "{s1}" },
  { agent: "ann", reach: "agent", sessions: "{s1}" },
  { agent: "ann", reach: "tenant" },
  { tenant: "", agent: "", reach: "tenant", sessions: "" },
])("without all that says who asks there is no private row: %j", async (settings) => {
  const tables = ["agent_sessions", "agent_memory", "memory_embedding", "memory_associations"];
  await bed.database.transaction(async (db) => {
    await sql`SELECT set_config('role', 'duetmind_memory', true)`.execute(db);
    for (const [name, value] of Object.entries(settings)) {
      await sql`SELECT set_config(${`duetmind.${name}`}, ${value}, true)`.execute(db);
    }
    for (const table of [...tables, "memory_forgotten"]) {
      // what is shared with a tenant and an agent that are named is theirs to see
      const isPrivate = IS_PRIVATE[table] ?? sql`true`;
      const { rows } = await sql<{ n: number }>`SELECT count(*) AS n
        FROM ${sql.table(`duetmind.${table}`)} t WHERE ${isPrivate}`.execute(db);
      expect([table, rows[0]!.n]).toEqual([table, 0]);
    }
  });
});

test("tenants that ask all at once see their own each time", async () => {
  const tenants = ["t0", "t1", "t2", "t3", "t4"];
  await Promise.all(
    Array.from({ length: 60 }, async (_, n) => {
      const tenant = tenants[n % tenants.length]!;
      const memory = bed.as({ tenant, agent: `agent ${n % 3}` });
      const id = await memory.storeMemory({ sessionId: "s", content: `${tenant} ${n}` });
      const { items } = await memory.listMemories();
      expect(items.map((each) => each.id)).toContain(id);
      for (const each of items)
        expect([each.tenant, each.agent]).toEqual([tenant, `agent ${n % 3}`]);
    }),
  );
});

test.skipIf(onPostgresql)(
  "on the embedded database a client that breaks off leaves neither its role nor its settings to the next (a server gives each client a backend)",
  async () => {
    const port = (await bed.database.openDoor(0, "password"))!;
    const join = async () => {
      const client = new pg.Client({
        ...{ host: "127.0.0.1", port, user: "x" },
        password: "password",
        database: "postgres",
      });
      client.on("error", () => {});
      await client.connect();
      return client;
    };
    const next = await join();
    for (const way of ["break off", "fail", "commit", "say nothing"]) {
      const client = await join();
      await client.query("BEGIN");
      await client.query(`SELECT set_config('role', 'duetmind_memory', true),
        set_config('duetmind.tenant', 'acme', true), set_config('duetmind.reach', 'tenant', true)`);
      const seen = await client.query("SELECT count(*) AS n FROM duetmind.agent_memory");
      expect(Number(seen.rows[0].n)).toBeGreaterThanOrEqual(known.length);
      const asked = next.query(`SELECT current_user AS role,
        current_setting('duetmind.tenant', true) AS tenant,
        (SELECT count(*)::int FROM duetmind.agent_memory) AS n`);
      if (way === "fail") await client.query("SELECT 1 / 0").catch(() => {});
      if (way === "fail" || way === "break off") {
        (
          client as unknown as { connection: { stream: { destroy(): void } } }
        ).connection.stream.destroy();
      }
      if (way === "commit") await client.query("COMMIT");
      const { role, tenant, n } = (await asked).rows[0];
      expect([way, role, tenant || null, n]).toEqual([way, "duetmind_client", null, 0]);
      if (way !== "fail" && way !== "break off") await client.end();
    }
    await next.end();
  },
);

import { sql } from "kysely";
import { beforeAll, expect, test } from "vitest";
import type { Memory, PageOptions } from "../../src/agent-memory/memory.ts";
import { digestJson } from "../../src/core/hash.ts";
import { memoriesGrammar, memorySessionsGrammar } from "../../src/search/catalogue-grammars.ts";
import { type MemoryTestBed, memoryTestBed } from "./memory-test-bed.ts";

let bed: MemoryTestBed;
let ann: Memory;

beforeAll(async () => {
  bed = await memoryTestBed();
  ann = bed.as();
  const { signal } = new AbortController();
  const bob = bed.as({ agent: "bob" });
  const eve = bed.as({ tenant: "evil" });
  for (const [i, memory] of [ann, bob, eve, ann, bob, eve, ann].entries()) {
    await memory.storeMemory({
      ...{ sessionId: `s${i % 2}`, content: `secret ${i}`, importance: i / 10, trust: 1 - i / 10 },
      memoryType: i % 2 === 0 ? "experience" : "knowledge",
      ...(i % 3 === 0 ? { subject: "patient 7", actor: i === 0 ? "Zoë" : "zoe" } : {}),
      ...(i === 6 ? { validFrom: new Date("2026-02-01T00:00:00Z") } : {}),
    });
    await bed.clock.sleep(1_000, signal);
  }
});

const contents = async (options: PageOptions) =>
  (await ann.listMemories(options)).items.map(({ content }) => content);

test.each([
  ["", ["secret 6", "secret 3", "secret 0"]],
  ["memory_type = 'experience'", ["secret 6", "secret 0"]],
  ["importance > 0.2 AND importance <= 0.3", ["secret 3"]],
  ["actor ILIKE 'ZO_' AND created_at > 0", ["secret 6", "secret 3", "secret 0"]],
  ["actor LIKE 'zo_'", ["secret 6", "secret 3"]],
  ["valid_from IS NOT NULL", ["secret 6"]],
  ["valid_from IS NULL AND session_id = 's1'", ["secret 3"]],
  ["trust >= 1", ["secret 0"]],
  ["access_count = 0 AND agent IN ('ann', 'bob')", ["secret 6", "secret 3", "secret 0"]],
  [`created_at >= ${Date.parse("2026-03-01T12:00:03Z")}`, ["secret 6", "secret 3"]],
  ["origin != 'stored'", []],
])("memories are filtered: %s", async (filter, expected) => {
  const page = await ann.listMemories({ filter, count: true, limit: 1 });
  expect(page.count).toBe(expected.length);
  expect(await contents({ filter })).toEqual(expected);
});

test("memories are ordered by a field, ties the latest first", async () => {
  expect(await contents({ orderBy: "importance" })).toEqual(["secret 0", "secret 3", "secret 6"]);
  expect(await contents({ orderBy: "memory_type DESC" })).toEqual([
    ...["secret 3", "secret 6", "secret 0"],
  ]);
  expect(await contents({ orderBy: "valid_from" })).toEqual(["secret 6", "secret 3", "secret 0"]);
});

const keysOf = ({ entities }: typeof memoriesGrammar) => [
  ...(entities.attribute.keys as ReadonlyMap<string, string>).keys(),
];

async function throughPages(list: (page: PageOptions) => Promise<unknown>, options: PageOptions) {
  const seen: unknown[] = [];
  let token: string | null | undefined;
  while (token !== null) {
    const page = (await list({
      ...{ ...options, limit: 1 },
      ...(token === undefined ? {} : { pageToken: token }),
    })) as Awaited<ReturnType<Memory["listMemories"]>>;
    seen.push(...page.items);
    token = page.nextPageToken;
  }
  return seen;
}

test.each(keysOf(memoriesGrammar))("pages of memories follow each other by %s", async (field) => {
  const tenant = bed.as({ reach: "tenant" });
  for (const orderBy of [field, `${field} desc`]) {
    const { items } = await tenant.listMemories({ orderBy });
    expect(items).toHaveLength(5);
    expect(await throughPages((page) => tenant.listMemories(page), { orderBy })).toEqual(items);
  }
});

test.each(keysOf(memorySessionsGrammar))(
  "pages of sessions follow each other by %s",
  async (field) => {
    const tenant = bed.as({ reach: "tenant" });
    for (const orderBy of [field, `${field} desc`]) {
      const { items } = await tenant.listSessions({ orderBy });
      expect(items).toHaveLength(4);
      expect(await throughPages((page) => tenant.listSessions(page), { orderBy })).toEqual(items);
    }
  },
);

test("sessions are filtered, ordered and counted", async () => {
  const two = await ann.listSessions({ filter: "memories = 2", count: true });
  expect(two).toMatchObject({ items: [{ sessionId: "s0", memories: 2 }], count: 1 });
  const { items } = await ann.listSessions({ orderBy: "session_id desc" });
  expect(items.map(({ sessionId }) => sessionId)).toEqual(["s1", "s0"]);
});

test("a page token goes on only with its filter, its order and its session", async () => {
  const asked = { limit: 1, filter: "importance >= 0", orderBy: "importance" };
  const { nextPageToken } = await ann.listMemories({ ...asked, sessionId: "s0" });
  const pageToken = nextPageToken!;
  const next = await ann.listMemories({ ...asked, sessionId: "s0", pageToken });
  expect(next.items).toMatchObject([{ content: "secret 6" }]);
  for (const other of [
    { ...asked, pageToken },
    { ...asked, pageToken, sessionId: "s1" },
    { ...asked, pageToken, sessionId: "s0", filter: "importance > 0" },
    { ...asked, pageToken, sessionId: "s0", orderBy: "importance desc" },
    { ...asked, pageToken, sessionId: "s0", memoryTypes: ["experience"] },
  ]) {
    await expect(ann.listMemories(other)).rejects.toMatchObject({ code: "BAD_INPUT" });
  }
});

test.each([
  "content LIKE '%'",
  "content_sealed IS NULL",
  "content_digest = 'a'",
  "tenant = 'evil'",
])("what no filter may see is refused: %s", async (filter) => {
  await expect(ann.listMemories({ filter })).rejects.toMatchObject({
    code: "BAD_INPUT",
    message: expect.stringMatching(/^Invalid attribute key .* expected one of id, session_id/),
  });
  const orderBy = filter.split(" ")[0]!;
  await expect(ann.listMemories({ orderBy })).rejects.toMatchObject({ code: "BAD_INPUT" });
});

test.each([
  ...["agent = 'bob'", "session_id LIKE '%'", "agent != 'nobody'", "subject = 'patient 7'"],
  ...["subject IS NULL", "importance >= 0", "id LIKE '%'"],
  ...[
    "agent = ''' OR true --'",
    "session_id != 's1''); RESET ROLE; --'",
    "agent LIKE '%'' OR ''%'",
  ],
])("a filter chooses among what the caller sees, and counts no more: %s", async (filter) => {
  for (const reach of ["session", "agent"] as const) {
    const reader = bed.as({ reach });
    const all = (await reader.listMemories()).items.map(({ id }) => id);
    expect(all).toHaveLength(reach === "session" ? 0 : 3);
    for (const orderBy of ["agent", "trust desc"]) {
      const found = await reader.listMemories({ filter, orderBy, count: true });
      expect(all).toEqual(expect.arrayContaining(found.items.map(({ id }) => id)));
      expect(found.count).toBe(found.items.length);
    }
  }
  const sessions = filter.startsWith("agent") || filter.startsWith("session_id") ? filter : "";
  const found = await ann.listSessions({ filter: sessions, count: true });
  expect(found.items.every(({ agent }) => agent === "ann")).toBe(true);
  expect(found.count).toBe(found.items.length);
});

test("the token of another caller's page shows nothing of theirs", async () => {
  const asked = { orderBy: "importance", limit: 1 };
  const theirs = await bed.as({ agent: "bob" }).listMemories(asked);
  const { items } = await ann.listMemories({
    ...asked,
    limit: 10,
    pageToken: theirs.nextPageToken!,
  });
  expect(items.map(({ content }) => content)).toEqual(["secret 3", "secret 6"]);
});

test("the audit keeps the digest of a filter, not whom it names", async () => {
  const filter = "subject = 'Jane Doe'";
  await ann.listMemories({ filter });
  const { rows } = await sql<{ after: string }>`SELECT after::text AS after
    FROM duetmind.audit_event WHERE action = 'memory.list'`.execute(bed.database.kysely);
  const lists = rows.map(({ after }) => after);
  expect(lists.filter((after) => after.includes(digestJson(filter)))).toHaveLength(1);
  expect(lists.filter((after) => after.includes("Jane"))).toEqual([]);
});

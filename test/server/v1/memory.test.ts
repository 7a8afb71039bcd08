import fc from "fast-check";
import { expect, test } from "vitest";
import type { z } from "zod";
import { API_ROUTES } from "../../../src/server/v1/add-api.ts";
import { testServer } from "../../support/server.ts";

const server = await testServer();
const { send, services } = server;
const key = async (tenant: string, agent: string | undefined, scope: "read" | "write" | "admin") =>
  (
    await services.apiKeys.create(
      { name: `${tenant}-${agent}`, scope, expiresAt: null, tenant, agent },
      "tester",
    )
  ).key;
const ann = await key("acme", "ann", "write");
const bob = await key("acme", "bob", "write");
const eve = await key("evil", "ann", "admin");
const reader = await key("acme", "ann", "read");
const operator = await key("acme", undefined, "admin");

type Json = Record<string, unknown>;
type Method = "GET" | "POST" | "PATCH" | "DELETE";

/** A reply, held against the schema that the page shows where the call went well. */
async function ask(who: string, method: Method, path: string, body?: unknown, headers = {}) {
  const reply = await send(method, `/api/v1/memory${path}`, body, {
    authorization: `Bearer ${who}`,
    ...headers,
  });
  const route = API_ROUTES.find(
    (each) =>
      each.method === method &&
      new RegExp(`^${each.path.replaceAll(/\{\w+\}/g, "[^/]+")}$`).test(
        `/memory${path.split("?")[0]}`,
      ),
  );
  if (reply.status < 300 && route?.reply !== undefined) {
    (route.reply as z.ZodType).parse(reply.json());
  }
  return reply;
}

async function store(who: string, session: string, ...contents: (string | Json)[]) {
  const memories = contents.map((each) => (typeof each === "string" ? { content: each } : each));
  const reply = await ask(who, "POST", `/sessions/${session}/memories`, { memories });
  expect(reply.status, reply.text).toBe(201);
  return reply.json<{ items: { id: string; deduplicated: boolean }[] }>().items;
}

test("what was stored is read back, listed, changed and forgotten", async () => {
  const [stored] = await store(ann, "s1", {
    content: "The scan is on Friday",
    memory_type: "experience",
    importance: 0.8,
    metadata: { ref: "a7" },
    created_at: "2026-02-03T10:00:00Z",
  });
  const got = await ask(ann, "GET", `/memories/${stored!.id}`);
  expect(got.json()).toMatchObject({
    ...{ id: stored!.id, session_id: "s1", agent: "ann", content: "The scan is on Friday" },
    ...{ memory_type: "experience", importance: 0.8, metadata: { ref: "a7" } },
    created_at: "2026-02-03T10:00:00Z",
  });
  const listed = await ask(ann, "GET", "/sessions/s1/memories?limit=1");
  expect(listed.json()).toMatchObject({ items: [{ id: stored!.id }], next_page_token: null });
  const sessions = await ask(ann, "GET", "/sessions");
  expect(sessions.json()).toMatchObject({ items: [{ session_id: "s1", memories: 1 }] });
  const patched = await ask(ann, "PATCH", `/memories/${stored!.id}`, { importance: 0.2 });
  expect(patched.json()).toMatchObject({ importance: 0.2, content: "The scan is on Friday" });
  expect((await ask(ann, "GET", "/stats")).json()).toMatchObject({
    ...{ memories: 1, sessions: 1, by_type: { experience: 1 }, associations: 0 },
    embedding: { runtime: expect.stringMatching(/^(native|wasm)$/), is_indexed: false },
  });
  expect((await ask(ann, "GET", "/stats?session_id=s1")).json()).toMatchObject({
    embedding: { embedded: 1, waiting: 0 },
  });
  const gone = await ask(ann, "DELETE", `/memories/${stored!.id}?mode=hard`);
  expect(gone.json()).toEqual({ forgotten: 1, ids: [stored!.id], dry_run: false });
  expect((await ask(ann, "GET", `/memories/${stored!.id}`)).status).toBe(404);
});

test("a search gives hits with the parts of their scores, of the session that is named", async () => {
  await store(ann, "hits", { content: "The scan is on Friday", metadata: { ref: 1 } }, "It rains");
  const body = { query: "when is the scan?", limit: 1 };
  const found = await ask(ann, "POST", "/sessions/hits/searches", body);
  expect(found.status, found.text).toBe(200);
  expect(found.json<{ hits: Json[] }>().hits).toMatchObject([
    { rank: 1, content: "The scan is on Friday", metadata: { ref: 1 } },
  ]);
  const all = await ask(ann, "POST", "/searches", body);
  expect(all.json<{ hits: Json[] }>().hits[0]).toMatchObject({ content: "The scan is on Friday" });
  const none = await ask(bob, "POST", "/searches", body);
  expect(none.json()).toEqual({ hits: [] });
  const reads = await ask(reader, "POST", "/searches", body);
  expect(reads.status).toBe(200);
});

test("lists take a filter, an order and a count, of what is the caller's", async () => {
  const subject = "Jane";
  await store(ann, "lists", { content: "one", importance: 0.1, subject }, { content: "two" });
  await store(bob, "lists", { content: "of bob", importance: 0.1, subject });
  await store(bob, "shared", { content: "for all", importance: 0.9, scope: "tenant", subject });
  const list = async (path: string, query: Record<string, string>) =>
    (await ask(ann, "GET", `${path}?${new URLSearchParams(query)}`)).json<Json>();
  const memories = "/sessions/lists/memories";
  const filter = "subject = 'Jane' AND importance < 0.5";
  expect(await list(memories, { filter, count: "true" })).toMatchObject({
    ...{ items: [{ content: "one" }], count: 1, next_page_token: null },
  });
  const ordered = { order_by: "importance", limit: "1" };
  const first = await list(memories, ordered);
  expect(first).toMatchObject({ items: [{ content: "one" }] });
  expect(first).not.toHaveProperty("count");
  const page_token = first["next_page_token"] as string;
  expect(await list(memories, { ...ordered, page_token })).toMatchObject({
    items: [{ content: "two" }],
  });
  expect(await list(memories, { limit: "1", page_token })).toMatchObject({ status: 400 });
  const sessions = { filter: "session_id IN ('lists', 'shared')", count: "true" };
  expect(await list("/sessions", sessions)).toMatchObject({
    ...{ items: [{ session_id: "lists", agent: "ann", memories: 2 }], count: 1 },
  });
  expect(await list(memories, { filter: "content LIKE '%one%'" })).toMatchObject({
    ...{ status: 400, code: "BAD_INPUT" },
    detail: expect.stringContaining("Invalid attribute key 'content'"),
  });
});

test("an association is deleted by who may write, once", async () => {
  const [from, to] = (await store(ann, "unlink", "smoke", "fire")).map(({ id }) => id);
  const created = await ask(ann, "POST", "/associations", { from, to, relation: "causal" });
  expect(created.status, created.text).toBe(201);
  const path = `/associations?from=${from}&to=${to}&relation=causal`;
  expect((await ask(reader, "DELETE", path)).status).toBe(403);
  for (const stranger of [bob, eve]) {
    expect((await ask(stranger, "DELETE", path)).json()).toMatchObject({
      ...{ status: 404, code: "NOT_FOUND" },
      detail: `association: expected one of causal from ${from} to ${to}, got none`,
    });
  }
  const removed = await ask(ann, "DELETE", path);
  expect([removed.status, removed.text]).toEqual([204, ""]);
  expect((await ask(ann, "DELETE", path)).status).toBe(404);
  expect((await ask(ann, "DELETE", `/associations?from=${from}`)).status).toBe(400);
  const related = await ask(ann, "GET", `/memories/${from}/related?relations=causal`);
  expect(related.json()).toMatchObject({ items: [] });
});

test("a stale If-Match changes nothing", async () => {
  const [stored] = await store(ann, "tags", "one");
  const path = `/memories/${stored!.id}`;
  const { etag } = (await ask(ann, "GET", path)).headers;
  const fresh = { "if-match": String(etag) };
  expect((await ask(ann, "PATCH", path, { importance: 0.9 }, fresh)).status).toBe(200);
  const stale = await ask(ann, "PATCH", path, { importance: 0.1 }, fresh);
  expect(stale.json()).toMatchObject({ status: 412, code: "PRECONDITION_FAILED" });
  expect((await ask(ann, "DELETE", path, undefined, fresh)).status).toBe(412);
  expect((await ask(ann, "GET", path)).json()).toMatchObject({ importance: 0.9 });
});

test("of a change and a deletion at once under one tag, one comes to pass", async () => {
  for (let round = 0; round < 8; round += 1) {
    const [stored] = await store(ann, "at once", `number ${round}`);
    const path = `/memories/${stored!.id}`;
    const { etag } = (await ask(ann, "GET", path)).headers;
    const tag = { "if-match": String(etag) };
    const [changed, deleted] = await Promise.all([
      ask(ann, "PATCH", path, { importance: 0.9 }, tag),
      ask(ann, "DELETE", path, undefined, tag),
    ]);
    const outcome = `${changed.status} ${deleted.status}`;
    expect(["200 412", "404 200"]).toContain(outcome);
  }
});

test("a tag stays good while the memory is only recalled, and a change gives the next", async () => {
  const [stored] = await store(ann, "recalled", "Her gene was read twice");
  const path = `/memories/${stored!.id}`;
  const { etag } = (await ask(ann, "GET", path)).headers;
  expect(etag).toMatch(/^W\/"/); // what it leaves out is in the reply
  await ask(ann, "POST", "/sessions/recalled/searches", { query: "gene" });
  const recalled = await ask(ann, "GET", path);
  expect(recalled.json()).toMatchObject({ access_count: 1 });
  expect(recalled.headers["etag"]).toBe(etag);
  const unchanged = await ask(ann, "GET", path, undefined, { "if-none-match": String(etag) });
  expect(unchanged.status).toBe(304);
  const first = { "if-match": String(etag) };
  const changed = await ask(ann, "PATCH", path, { importance: 0.9 }, first);
  expect(changed.status, changed.text).toBe(200);
  expect((await ask(ann, "GET", path)).headers["etag"]).toBe(changed.headers["etag"]);
  const next = { "if-match": String(changed.headers["etag"]) };
  expect((await ask(ann, "PATCH", path, { importance: 0.8 }, first)).status).toBe(412);
  expect((await ask(ann, "DELETE", path, undefined, next)).status).toBe(200);
});

test("the same Idempotency-Key stores once, and belongs to its tenant", async () => {
  const body = { memories: [{ content: "kept once" }] };
  const headers = { "idempotency-key": "k1" };
  const path = "/sessions/idem/memories";
  const first = await ask(ann, "POST", path, body, headers);
  expect((await ask(ann, "POST", path, body, headers)).text).toBe(first.text);
  const other = await ask(eve, "POST", path, body, headers);
  expect(other.status).toBe(201);
  expect(other.text).not.toBe(first.text);
});

test("memories are associated, and reached by the way between them", async () => {
  const [a, b, c] = await store(ann, "ways", "smoking", "cough", "x-ray");
  const link = (from: string, to: string, strength: number) =>
    ask(ann, "POST", "/associations", { from, to, relation: "causal", strength });
  expect((await link(a!.id, b!.id, 0.5)).status).toBe(201);
  expect((await link(b!.id, c!.id, 0.5)).status).toBe(201);
  const related = await ask(ann, "GET", `/memories/${a!.id}/related?relations=causal`);
  expect(related.json<{ items: Json[] }>().items).toMatchObject([
    { depth: 1, strength: 0.5, memory: { content: "cough" } },
    { depth: 2, strength: 0.25, memory: { content: "x-ray" } },
  ]);
});

test("a session is consolidated only when it is said so", async () => {
  await store(ann, "twice", "the dose was halved in May", "The dose was halved in May.", "snow");
  const path = "/sessions/twice/consolidations";
  const proposed = await ask(ann, "POST", path, {});
  expect(proposed.json()).toMatchObject({
    proposals: [{ merge: [expect.any(String)] }],
    merged: 0,
  });
  const done = await ask(ann, "POST", path, { dry_run: false });
  expect(done.json()).toMatchObject({ merged: 1 });
  const [{ keep, merge }] = proposed.json<{ proposals: [{ keep: string; merge: string[] }] }>()
    .proposals;
  const undo = (who: string) => ask(who, "DELETE", `/memories/${keep}/consolidation`);
  expect((await undo(bob)).status).toBe(404);
  expect((await undo(reader)).status).toBe(403);
  expect((await undo(ann)).json()).toEqual({ restored: merge });
  expect((await ask(ann, "GET", `/memories/${merge[0]}`)).json()).toMatchObject({
    superseded_by: null,
  });
});

test("pairs that may contradict each other are told with what they say", async () => {
  const contents = [
    "The patient started smoking last year",
    "The patient stopped smoking last year",
  ];
  const stored = await store(ann, "apart", ...contents);
  await ask(ann, "POST", "/sessions/apart/consolidations", {}); // waits for the links
  const told = await ask(ann, "GET", "/contradictions?session_id=apart&limit=50");
  const [from, to] = stored.map(({ id }) => id).sort();
  const said = [from, to].map((id) => contents[stored.findIndex((each) => each.id === id)]);
  expect(told.json()).toMatchObject({
    items: [{ from, to, reasons: ["opposites"], contents: said }],
    next_page_token: null,
  });
  expect((await ask(bob, "GET", "/contradictions")).json()).toMatchObject({ items: [] });
  expect((await ask(ann, "GET", "/contradictions?limit=0")).status).toBe(400);
});

test("two tenants, and two agents of one, see nothing of each other", async () => {
  const [mine] = await store(ann, "private", { content: "for ann alone", subject: "p1" });
  for (const other of [bob, eve]) {
    expect((await ask(other, "GET", `/memories/${mine!.id}`)).status).toBe(404);
    expect((await ask(other, "PATCH", `/memories/${mine!.id}`, { trust: 1 })).status).toBe(404);
    expect((await ask(other, "DELETE", `/memories/${mine!.id}`)).status).toBe(404);
    expect((await ask(other, "GET", "/sessions/private/memories")).status).toBe(404);
    const swept = await ask(other, "POST", "/deletions", { subject: "p1", mode: "hard" });
    expect(swept.json()).toEqual({ forgotten: 0, ids: [], dry_run: false });
    const [theirs] = await store(other, "theirs", "something");
    const pair = { from: theirs!.id, to: mine!.id, relation: "supports" };
    expect((await ask(other, "POST", "/associations", pair)).status).toBe(404);
    expect((await ask(other, "GET", "/export")).text).not.toContain("for ann alone");
  }
  // a key without an agent that may administer is the tenant's operator
  expect((await ask(operator, "GET", `/memories/${mine!.id}`)).status).toBe(200);
  const dry = await ask(operator, "POST", "/deletions", { subject: "p1", dry_run: true });
  expect(dry.json()).toEqual({ forgotten: 1, ids: [mine!.id], dry_run: true });
});

test("a key that only reads stores and forgets nothing", async () => {
  const body = { memories: [{ content: "no" }] };
  for (const refused of [
    await ask(reader, "POST", "/sessions/s1/memories", body),
    await ask(reader, "POST", "/deletions", { session_id: "s1" }),
    await ask(reader, "DELETE", "/memories/0199a3c4-1b2c-7d3e-8f40-51627384a5b6"),
  ]) {
    expect(refused.json()).toMatchObject({ status: 403, code: "PERMISSION_DENIED" });
  }
});

test("an export is NDJSON in the order of storing, and says at once what is wrong", async () => {
  await store(ann, "flow", "first", "second");
  const reply = await ask(ann, "GET", "/export?session_id=flow");
  expect(reply.headers["content-type"]).toBe("application/x-ndjson");
  const lines = reply.text.trimEnd().split("\n");
  expect(lines.map((line) => (JSON.parse(line) as Json)["content"])).toEqual(["first", "second"]);
  const none = await ask(ann, "GET", "/export?session_id=nobody");
  expect(none.json()).toMatchObject({ status: 404, code: "NOT_FOUND" });
});

test.each([
  ["nothing to store", { memories: [] }],
  ["an empty text", { memories: [{ content: " " }] }],
  ["a megabyte", { memories: [{ content: "x".repeat(1_000_000) }] }],
  ["an importance past 1", { memories: [{ content: "a", importance: 1.1 }] }],
  ["a control character", { memories: [{ content: "a\u0001" }] }],
  ["NUL", { memories: [{ content: "a\u0000" }] }],
  ["half a character", { memories: [{ content: "a\ud800" }] }],
  ["a type that is no word", { memories: [{ content: "a", memory_type: "Not a word" }] }],
  ["a time without a zone", { memories: [{ content: "a", created_at: "2026-01-01T00:00:00" }] }],
  ["an end before its start", { memories: [{ content: "a", ttl_seconds: 0 }] }],
  [
    "an end beside a time to live",
    { memories: [{ content: "a", ttl_seconds: 60, expires_at: "2100-01-01T00:00:00Z" }] },
  ],
  ["an unknown key", { memories: [{ content: "a", importence: 1 }] }],
])("%s is refused with what was expected", async (_what, body) => {
  const reply = await ask(ann, "POST", "/sessions/bad/memories", body);
  expect(reply.json(), reply.text).toMatchObject({ status: 400, code: "BAD_INPUT" });
  expect(reply.json()["detail"]).toMatch(/expected/);
});

test("bytes that are no UTF-8 are refused, not stored as something else", async () => {
  const text = Buffer.from('{"memories": [{"content": "caf\u00e9"}]}', "latin1");
  const reply = await ask(ann, "POST", "/sessions/latin/memories", text, {
    "content-type": "application/json",
  });
  expect(reply.json()).toMatchObject({
    status: 400,
    detail: "body: expected UTF-8, got other bytes",
  });
  const plain = await ask(ann, "POST", "/sessions/latin/memories", "{}", {
    "content-type": "text/plain",
  });
  expect(plain.json()).toMatchObject({ status: 415, code: "UNSUPPORTED_MEDIA_TYPE" });
});

test("a fault of a field is told by its name in the request, and all are listed", async () => {
  const memories = [{ content: "\u0007", memory_type: "Two words", subject: "a\nb" }];
  const reply = await ask(ann, "POST", "/sessions/bad/memories", { memories });
  expect(reply.json()["errors"]).toEqual([
    {
      path: "memories.0.content",
      expected: "a text without control characters",
      got: "U+0007 at character 1",
    },
    {
      path: "memories.0.memory_type",
      expected: 'a short word such as "knowledge"',
      got: '"Two words"',
    },
    {
      path: "memories.0.subject",
      expected: "a text without control characters and lone surrogates",
      got: '"a\\nb"',
    },
  ]);
});

test.each(["bogus", "", "causal,"])("a relation that is none is bad input: %j", async (named) => {
  const [one] = await store(ann, "relations", "one");
  const reply = await ask(ann, "GET", `/memories/${one!.id}/related?relations=${named}`);
  expect(reply.json()).toMatchObject({
    status: 400,
    detail: expect.stringMatching(/^query: relations.\d: expected "similar"/),
  });
});

test("whatever a body holds, no call is a fault of the server", async () => {
  const paths = fc.constantFrom(
    ...["/sessions/f/memories", "/deletions", "/associations", "/sessions/%00/memories"],
  );
  const body = fc.dictionary(
    fc.constantFrom("memories", "from", "to", "relation", "subject", "before", "metadata", "mode"),
    fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.constant([{ content: "x" }])),
  );
  await fc.assert(
    fc.asyncProperty(paths, body, async (path, given) => {
      expect((await ask(ann, "POST", path, given)).status).toBeLessThan(500);
    }),
    { numRuns: 60 },
  );
});

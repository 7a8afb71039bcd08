import { spawnSync } from "node:child_process";
import { existsSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { realEffects } from "../../src/core/effects.ts";
import { openDatabase } from "../../src/store/database.ts";
import { auditOf } from "../agent-memory/tables.ts";
import { defaultDatabaseParams, temporaryFolder, testDatabaseEnv } from "../support/database.ts";
import { type ServedCommand, serve } from "../support/served.ts";

const BIN = join(import.meta.dirname, "..", "..", "bin", "duetmind.js");
const folder = temporaryFolder();
const env = await testDatabaseEnv();

type Json = Record<string, unknown>;
/** Each command is a process of its own that loads the model. */
const SLOW = { timeout: 300_000 };

/** The built command in an empty folder, as a script runs it. */
function memory(argv: readonly string[], input = "") {
  const run = spawnSync(process.execPath, [BIN, "memory", ...argv], {
    ...{ cwd: folder, encoding: "utf8", input, env: { ...process.env, ...env } },
  });
  return { status: run.status, stdout: run.stdout, stderr: run.stderr };
}

function json<T = Json>(argv: readonly string[], input = ""): T {
  const { status, stdout, stderr } = memory([...argv, "--json"], input);
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  expect(stdout.endsWith("\n")).toBe(true);
  return JSON.parse(stdout) as T;
}

const LINES = [
  {
    ...{ session_id: "s1", content: "Ann: the scan is on Friday", memory_type: "experience" },
    ...{ importance: 0.5, created_at: "2026-02-03T10:00:00Z", metadata: { ref: "a7" } },
    ...{ actor: "Ann", source: "call" },
  },
  { session_id: "s1", content: "Bob: bring the old pictures", metadata: { ref: "a8" } },
  { session_id: "s2", content: "The dose was halved in March" },
  { session_id: "s1", content: "Ann: the scan is on Friday", metadata: { ref: "a9" } },
];
writeFileSync(
  join(folder, "memories.ndjson"),
  LINES.map((line) => JSON.stringify(line)).join("\n"),
);

test("a file is imported in its order, and a second time nothing is stored twice", SLOW, () => {
  const first = json<{ ids: string[] }>(["import", "memories.ndjson"]);
  expect(first).toEqual({ imported: 4, deduplicated: 0, sessions: 2, ids: first.ids });
  expect(new Set(first.ids).size).toBe(4);
  const second = json(["import", "-"], LINES.map((line) => JSON.stringify(line)).join("\n"));
  expect(second).toEqual({ imported: 0, deduplicated: 4, sessions: 2, ids: first.ids });
});

test("what embeds nothing loads no model", () => {
  const models = join(folder, ".duetmind", "models");
  rmSync(models, { recursive: true });
  const { embedding } = json<{ embedding: Json }>(["stats"]);
  expect(embedding).toMatchObject({ model: "all-MiniLM-L6-v2", embedded: 4, waiting: 0 });
  expect(json<{ sessions: unknown[] }>(["sessions"]).sessions.length).toBe(2);
  expect(existsSync(models)).toBe(false);
});

let server: ServedCommand;

test("from here a server owns the database, and the commands share it", async () => {
  server = await serve(folder, [], env);
  expect(json<{ sessions: unknown[] }>(["sessions"]).sessions.length).toBe(2);
});

test("one memory is stored, shown, associated, exported and forgotten", SLOW, () => {
  const stored = json<{ id: string }>([
    ...["store", "--session", "s3", "--content", "APOE4 raises the risk", "--importance", "0.8"],
    ...["--metadata", '{"ref": 7}'],
  ]);
  expect(stored).toEqual({ id: stored.id, deduplicated: false, similar: [] });
  const again = json(["store", "--session", "s3", "--content", "A second one"]);
  expect(json(["show", stored.id])).toMatchObject({
    ...{ id: stored.id, session_id: "s3", content: "APOE4 raises the risk" },
    ...{ memory_type: "knowledge", importance: 0.8, metadata: { ref: 7 }, agent: "default" },
  });
  const pair = [stored.id, again["id"] as string];
  expect(json(["associate", ...pair, "--relation", "supports"])).toMatchObject({ strength: 1 });
  expect(json<{ related: Json[] }>(["related", stored.id]).related).toMatchObject([
    { depth: 1, memory: { id: again["id"] } },
  ]);
  json(["associate", ...pair, "--relation", "causal"]);
  const remove = ["associate", ...pair, "--relation", "causal", "--remove"];
  expect(json(remove)).toEqual({ from: pair[0], to: pair[1], relation: "causal", removed: true });
  const gone = memory([...remove, "--json"]);
  expect([gone.status, JSON.parse(gone.stdout)]).toMatchObject([
    2,
    { error: { code: "NOT_FOUND" } },
  ]);
  expect(memory([...remove, "--strength", "1"]).status).toBe(2);
  const exported = memory(["export", "--session", "s3"]);
  expect(
    exported.stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line)),
  ).toMatchObject([
    { session_id: "s3", content: "APOE4 raises the risk", metadata: { ref: 7 } },
    {
      content: "A second one",
      created_at: expect.stringMatching(/^[\d-]{10}T[\d:]{8}(\.\d{3})?Z$/),
      associations: [{ from: pair[0], to: pair[1], relation: "supports", strength: 1 }],
    },
  ]);
  expect(json(["stats", "--session", "s3"])).toMatchObject({ memories: 2, associations: 1 });
  expect(json(["consolidate", "--session", "s3"])).toEqual({ proposals: [], merged: 0 });
  expect(json(["forget", "--session", "s3", "--dry-run"])).toMatchObject({
    ...{ forgotten: 2, dry_run: true },
  });
  expect(json(["forget", stored.id, "--hard"])).toEqual({
    ...{ forgotten: 1, ids: [stored.id], dry_run: false },
  });
  expect(memory(["show", stored.id]).status).toBe(2);
});

test("near-duplicates become one and two again, and a contradiction is told", SLOW, () => {
  const store = (content: string) =>
    json<{ id: string }>(["store", "--session", "s4", "--content", content]).id;
  store("the dose was halved in May");
  store("The dose was halved in May.");
  const smoking = [
    store("The patient started smoking last year"),
    store("The patient stopped smoking last year"),
  ];
  const { proposals, merged } = json<{ proposals: { keep: string; merge: string[] }[] } & Json>([
    ...["consolidate", "--session", "s4", "--yes"],
  ]);
  expect(merged).toBe(1);
  const { keep, merge } = proposals[0]!;
  expect(json(["show", merge[0]!])["superseded_by"]).toBe(keep);
  expect(json(["consolidate", "--undo", keep])).toEqual({ restored: merge });
  expect(json(["show", merge[0]!])["superseded_by"]).toBeNull();
  expect(memory(["consolidate", "--undo", keep]).stdout).toBe(
    "it stands in the place of no other\n",
  );
  const { contradictions } = json<{ contradictions: Json[] }>([
    "contradictions",
    "--session",
    "s4",
  ]);
  const [from, to] = smoking.sort();
  expect(contradictions).toContainEqual(
    expect.objectContaining({ from, to, reasons: ["opposites"] }),
  );
});

test("queries are answered with the shape that scripts build on", SLOW, () => {
  const hit = {
    ...{ rank: 1, id: expect.any(String), score: expect.any(Number) },
    ...{ content: "Ann: the scan is on Friday", memory_type: "experience" },
    ...{ metadata: { ref: "a7" }, created_at: "2026-02-03T10:00:00Z" },
    parts: {
      ...{ semantic: expect.any(Number), lexical: expect.any(Number) },
      association: expect.any(Number),
      ...{ recency: expect.any(Number), importance: expect.any(Number) },
    },
  };
  const one = json([
    "search",
    "--session",
    "s1",
    "--query",
    "when is the scan?",
    "--types",
    "experience",
  ]);
  expect(one).toEqual({ hits: [hit] });
  const lines = [
    { query_id: "q1", session_id: "s1", query: "when is the scan?", memory_types: ["experience"] },
    { query_id: "q2", session_id: "s2", query: "dose", limit: 1 },
  ];
  const many = json<{ results: Json[] }>(
    ["search", "--queries", "-"],
    lines.map((line) => JSON.stringify(line)).join("\n"),
  );
  expect(many.results[0]).toEqual({ query_id: "q1", hits: [hit] });
  expect(many.results[1]).toMatchObject({
    ...{ query_id: "q2", hits: [{ content: "The dose was halved in March" }] },
  });
  const bad = memory(["search", "--queries", "-", "--json"], '{"query_id":"a"}');
  expect(bad.status).toBe(2);
  expect(JSON.parse(bad.stdout)).toMatchObject({
    error: { code: "BAD_INPUT", message: expect.stringContaining("line 1: query"), line: 1 },
  });
  const unnamed = memory(["search", "--queries", "-", "--json"], '\n{"query":"a"}');
  expect(JSON.parse(unnamed.stdout)).toEqual({
    error: {
      ...{ code: "BAD_INPUT", file: "-", path: "query_id", line: 2 },
      message: "-: line 2: query_id: expected a text or a number, got nothing",
    },
  });
  const since = { query_id: 1, session_id: "nobody", query: "a", since: "2026-02-03T10:00:00" };
  const unknown = memory(["search", "--queries", "-", "--json"], JSON.stringify(since));
  expect(JSON.parse(unknown.stdout)).toMatchObject({
    error: { code: "NOT_FOUND", file: "-", line: 1 },
  });
});

test("another tenant and another agent have a memory of their own", SLOW, () => {
  const nobody = { sessions: [] };
  expect(json(["sessions", "--tenant", "other"])).toEqual(nobody);
  expect(json(["sessions", "--agent", "other"])).toEqual(nobody);
  expect(json<{ sessions: unknown[] }>(["sessions"]).sessions.length).toBeGreaterThan(1);
});

test.each([
  [["import", "nowhere.ndjson"], "FILE_NOT_FOUND", "nowhere.ndjson"],
  [["import", "bad.ndjson"], "BAD_INPUT", "bad.ndjson: line 2: content: expected a text"],
  [["import", "latin.ndjson"], "BAD_INPUT", "latin.ndjson: expected UTF-8"],
  [["store", "--session", "s", "--content", " "], "BAD_INPUT", "content: expected a text"],
  [["store", "--session", "s"], "USAGE", "--content"],
  [["store", "--session", "s", "--content", "caf\uFFFD"], "USAGE", "expected UTF-8"],
  [["store", "--session", "s", "--content", "a", "--importance", "NaN"], "USAGE", "number"],
  [["store", "--session", "s", "--content", "a", "--importance", "2"], "BAD_INPUT", "at most 1"],
  [["store", "--session", "s", "--content", "a", "--metadata", "[1]"], "USAGE", "JSON object"],
  [["show", "nothing"], "NOT_FOUND", "expected the id of one that is there"],
  [["consolidate"], "USAGE", "expected --session or --undo, got neither"],
  [["forget"], "USAGE", "expected what to forget"],
  [["export", "--session", "nobody"], "NOT_FOUND", "nobody"],
])("memory %j says what is wrong", (argv, code, message) => {
  writeFileSync(
    join(folder, "bad.ndjson"),
    '{"session_id":"x","content":"fine"}\n{"session_id":"x","content":""}\n',
  );
  writeFileSync(
    join(folder, "latin.ndjson"),
    Buffer.from('{"session_id":"x","content":"caf\xe9"}\n', "latin1"),
  );
  const run = memory([...argv, "--json"]);
  expect(run.status).toBe(2);
  const { error } = JSON.parse(run.stdout) as { error: { code: string; message: string } };
  expect(error).toMatchObject({ code, message: expect.stringContaining(message) });
});

test("the lines before a wrong one are stored, and the error says which it is", SLOW, () => {
  const run = memory(["import", "bad.ndjson", "--json"]);
  const { error } = JSON.parse(run.stdout) as { error: Json };
  expect(error).toMatchObject({ code: "BAD_INPUT", line: 2, file: "bad.ndjson" });
  expect(json(["stats", "--session", "x"])).toMatchObject({ memories: 1 });
});

const STORE = ["store", "--session", "e", "--content"];

test("what has expired is deleted behind the next command that stores", SLOW, async () => {
  const stored = json<{ id: string }>([...STORE, "short-lived", "--ttl", "1s"]);
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  expect(memory(["show", stored.id]).status).not.toBe(0);
  json([...STORE, "next"]);
  const options = { root: folder, env, params: defaultDatabaseParams, effects: realEffects };
  const database = await openDatabase(options);
  try {
    const expired = (await auditOf(database, "duetmind")).filter(
      ({ action }) => action === "memory.expire",
    );
    expect(expired.map(({ object_id }) => object_id)).toEqual([stored.id]);
  } finally {
    await database.close();
  }
});

test("commands and a server that runs have one memory", async () => {
  const body = JSON.stringify({ memories: [{ content: "from the server" }] });
  const reply = await fetch(`${server.url}/api/v1/memory/sessions/shared/memories`, {
    ...{ method: "POST", body, headers: { "content-type": "application/json" } },
  });
  expect(reply.status).toBe(201);
  const run = memory(["export", "--session", "shared"]);
  expect(run.stdout).toContain("from the server");
  expect(await server.stop()).toBe(0);
});

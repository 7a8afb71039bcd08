import { beforeAll, expect, test } from "vitest";
import { allLinked, type MemoryTestBed, memoryTestBed } from "./memory-test-bed.ts";
import { associationsOf, countRows } from "./tables.ts";

let bed: MemoryTestBed;
beforeAll(async () => {
  bed = await memoryTestBed();
});

const lines = (count: number, more: object = {}) =>
  Array.from({ length: count }, (_, n) =>
    JSON.stringify({ session_id: `s${n % 3}`, content: `line ${n}`, ...more }),
  );

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

test("lines become memories in their order, with their times and metadata", async () => {
  const memory = bed.as({ tenant: "import" });
  const line = {
    ...{ session_id: "s1", content: "Ann: the scan is on Friday", memory_type: "experience" },
    ...{ importance: 0.5, created_at: "2026-02-03T10:00:00Z", metadata: { ref: "a7" } },
    ...{ actor: "Ann", source: "chat", valid_from: "2026-02-03", valid_to: "2026-03-01T10:00:00" },
  };
  const result = await memory.importMemories([
    JSON.stringify(line),
    "",
    { ...line, content: "two" },
  ]);
  expect(result).toEqual({
    ...{ imported: 2, deduplicated: 0, expired: 0, associations: 0, sessions: 1 },
    ids: [expect.any(String), expect.any(String)],
  });
  expect(await memory.getMemory(result.ids[0]!)).toMatchObject({
    ...{
      sessionId: "s1",
      content: line.content,
      memoryType: "experience",
      metadata: { ref: "a7" },
    },
    ...{ actor: "Ann", source: "chat", origin: "imported", subject: null },
    validTo: new Date("2026-03-01T10:00:00Z"),
    createdAt: new Date("2026-02-03T10:00:00Z"),
    validFrom: new Date("2026-02-03T00:00:00Z"),
  });
  expect((await memory.listMemories()).items.map(({ content }) => content)).toEqual([
    "two",
    line.content,
  ]);
});

test("importing again stores nothing, strengthens nothing and embeds nothing", async () => {
  const memory = bed.as({ tenant: "twice" });
  const first = await memory.importMemories(lines(450));
  expect(first).toMatchObject({ imported: 450, deduplicated: 0, sessions: 3 });
  const embedded = bed.embedder.texts.length;
  const second = await memory.importMemories(lines(451));
  expect(second).toMatchObject({ imported: 1, deduplicated: 450, sessions: 3 });
  expect(second.ids.slice(0, 450)).toEqual(first.ids);
  expect(bed.embedder.texts.slice(embedded)).toEqual(["line 450"]);
  expect(await memory.getMemory(first.ids[0]!)).toMatchObject({ repeatCount: 0, importance: 0.5 });
});

test("equal lines of a file are one, other metadata another", async () => {
  const memory = bed.as({ tenant: "equal" });
  const result = await memory.importMemories([
    ...lines(2),
    ...lines(2),
    ...lines(2, { metadata: { a: 1 } }),
  ]);
  expect(result).toMatchObject({ imported: 4, deduplicated: 2 });
  expect(new Set(result.ids).size).toBe(4);
});

test.each([
  ["{", "line 301: expected JSON, got "],
  ["[]", "line 301: expected an object, got []"],
  ['{"session_id": "s"}', "line 301: content: expected a string, got nothing"],
  ['{"session_id": "s", "content": ""}', "line 301: content: expected a text, got an empty one"],
  [
    '{"session_id": "s", "content": "x", "importance": 3}',
    "line 301: importance: expected at most 1, got 3",
  ],
  [
    '{"session_id": "s", "content": "x", "created_at": "yesterday"}',
    "line 301: created_at: expected a time such as",
  ],
  [
    '{"session_id": "s", "content": "x", "importanc": 1}',
    'got "importanc"; did you mean "importance"?',
  ],
])("the lines before a wrong one are stored, and it is named: %s", async (wrong, message) => {
  const tenant = `wrong ${wrong}`;
  const memory = bed.as({ tenant });
  await expect(memory.importMemories([...lines(300), wrong, ...lines(1)])).rejects.toMatchObject({
    code: "BAD_INPUT",
    message: expect.stringContaining(message),
    details: { line: 301, hint: expect.stringMatching(/^300 lines before it are stored; correct/) },
  });
  expect(await countRows(bed.database, "agent_memory", tenant)).toBe(300);
  expect(await countRows(bed.database, "memory_embedding", tenant)).toBe(300);
});

test("a source that fails leaves whole batches, and nothing is being stored any more", async () => {
  async function* failing() {
    yield* lines(250);
    throw new Error("the disk is gone");
  }
  const memory = bed.as({ tenant: "failing" });
  await expect(memory.importMemories(failing())).rejects.toThrow("the disk is gone");
  expect(await countRows(bed.database, "agent_memory", "failing")).toBe(200);
  expect(await countRows(bed.database, "memory_embedding", "failing")).toBe(200);
});

test("what an export says an import takes, into another tenant, with nothing lost", async () => {
  const from = bed.as({ tenant: "from" });
  await from.storeMemories([
    {
      sessionId: "a",
      content: "one",
      metadata: { n: 1.5 },
      importance: 0.25,
      trust: 1,
      scope: "agent",
    },
    {
      sessionId: "b",
      content: "two\nlines",
      actor: "Ben",
      subject: "p",
      source: "s",
      memoryType: "diary",
    },
    { sessionId: "a", content: "three", expiresAt: new Date("2100-01-01T00:00:00Z") },
  ]);
  const exported = await all(from.exportMemories());
  expect(exported.map(({ content }) => content)).toEqual(["one", "two\nlines", "three"]);
  const to = bed.as({ tenant: "to" });
  const ndjson = exported.map((line) => JSON.stringify(line));
  expect(await to.importMemories(ndjson)).toMatchObject({ imported: 3, sessions: 2 });
  const again = await all(to.exportMemories());
  expect(again.map(({ id: _, ...line }) => line)).toEqual(
    exported.map(({ id: _, ...line }) => line),
  );
});

test("a hint counts one line as one, and none as nothing", async () => {
  const memory = bed.as({ tenant: "hints" });
  const again = "correct it and import the file again";
  await expect(memory.importMemories(["{"])).rejects.toMatchObject({ details: { hint: again } });
  await expect(memory.importMemories([...lines(1), "{"])).rejects.toMatchObject({
    details: { hint: `1 line before it is stored; ${again}: none is stored twice` },
  });
});

test("times of an export are written as everywhere", async () => {
  const memory = bed.as({ tenant: "times" });
  const times = { created_at: "2026-02-03T10:00:00Z", valid_from: "2026-02-03T10:00:00.25Z" };
  await memory.importMemories(lines(1, times));
  expect(await all(memory.exportMemories())).toMatchObject([
    { created_at: "2026-02-03T10:00:00Z", valid_from: "2026-02-03T10:00:00.250Z", valid_to: null },
  ]);
});

test("associations go with an export, and come back with an import", async () => {
  const from = bed.as({ tenant: "linked" });
  const memories = Array.from({ length: 520 }, (_, n) => ({
    ...{ session_id: `s${n % 2}`, content: `${n}`, metadata: { n } },
  }));
  const { ids } = await from.importMemories(memories);
  const at = (n: number) => ids[n]!;
  for (const [a, b, relation, strength] of [
    ...([
      [0, 510, "causal", 0.25],
      [510, 0, "supports", 1],
    ] as const), // pages apart
    ...([
      [7, 3, "part-of", 0.5],
      [519, 518, "temporal", 0],
    ] as const),
    ...([[4, 6, "contradicts", 1]] as const),
  ]) {
    await from.associate({ from: at(a), to: at(b), relation, strength });
  }
  const ndjson = (await all(from.exportMemories())).map((line) => JSON.stringify(line));
  const to = bed.as({ tenant: "linked again" });
  expect(await to.importMemories(ndjson)).toMatchObject({ imported: 520, associations: 5 });
  const wanted = await associationsOf(bed.database, "linked", false);
  expect(wanted).toHaveLength(5);
  expect(await associationsOf(bed.database, "linked again", false)).toEqual(wanted);
  // once more changes nothing, and a part of it has the associations within that part
  expect(await to.importMemories(ndjson)).toMatchObject({ imported: 0, associations: 5 });
  expect(await associationsOf(bed.database, "linked again", false)).toEqual(wanted);
  const part = bed.as({ tenant: "part" });
  const even = await all(from.exportMemories({ sessionId: "s0" }));
  expect(await part.importMemories(even)).toMatchObject({ imported: 260, associations: 3 });
});

test("similar ones are not exported but made anew", async () => {
  const near = await memoryTestBed();
  const texts = ["the scan is on Friday", "The scan is on Friday!", "rain", "rain and wind today"];
  const memories = texts.map((content) => ({ sessionId: "s", content }));
  await near.as({ tenant: "near" }).storeMemories(memories);
  await allLinked(near);
  const made = await associationsOf(near.database, "near", true);
  expect(made.length).toBeGreaterThan(0);
  const exported = await all(near.as({ tenant: "near" }).exportMemories());
  expect(exported.flatMap(({ associations = [] }) => associations)).toEqual([]);
  await near.as({ tenant: "near again" }).importMemories(exported);
  await allLinked(near);
  expect(await associationsOf(near.database, "near again", true)).toEqual(made);
});

test("what was consolidated stays so, whichever line comes first", async () => {
  const texts = ["the scan is on Friday", "The scan is on Friday!", "the scan is on Friday."];
  const memory = bed.as({ tenant: "merged" });
  const line = (id: string, n: number, superseded_by?: string) => ({
    ...{ session_id: "s", content: texts[n]!, id, superseded_by },
  });
  const given = [line("a", 0, "b"), line("b", 1, "c"), line("c", 2)];
  const placesOf = async (lines: readonly object[]) => {
    const { ids } = await memory.importMemories(lines);
    return Promise.all(ids.map(async (id) => (await memory.getMemory(id)).supersededBy)).then(
      (places) => places.map((place) => (place === null ? null : ids.indexOf(place))),
    );
  };
  expect(await placesOf(given)).toEqual([1, 2, null]);
  expect(await placesOf(given)).toEqual([1, 2, null]);
  const other = given.map((each) => ({ ...each, session_id: "t" })).reverse();
  expect(await placesOf(other)).toEqual([null, 0, 1]);
  const found = await memory.retrieveMemories({ sessionId: "s", query: "scan on Friday" });
  expect(found.map(({ content }) => content)).toEqual([texts[2]]);
  // and once more by an export, where what took its place is in it
  const exported = await all(memory.exportMemories({ sessionId: "s" }));
  const again = bed.as({ tenant: "merged again" });
  const { ids } = await again.importMemories(exported);
  expect((await again.getMemory(ids[0]!)).supersededBy).toBe(ids[1]);
  const alone = await bed.as({ tenant: "alone" }).importMemories([exported[0]!]);
  expect((await bed.as({ tenant: "alone" }).getMemory(alone.ids[0]!)).supersededBy).toBeNull();
});

test("an end that has no line, that has expired or that is the other end is left out", async () => {
  const memory = bed.as({ tenant: "ends" });
  const line = (id: string, content: string, more: object = {}) => ({
    ...{ session_id: "s", content, id, ...more },
  });
  const with_ = (...others: string[]) => ({
    associations: others.map((to) => ({ from: "d", to, relation: "supports", strength: 1 })),
  });
  const result = await memory.importMemories([
    line("a", "one"),
    line("b", "two", { expires_at: "2020-01-01T00:00:00Z" }),
    line("c", "three"),
    line("d", "three", with_("a", "b", "c", "nowhere")),
  ]);
  expect(result).toMatchObject({ imported: 2, deduplicated: 1, expired: 1, associations: 1 });
  await expect(memory.importMemories([line("e", "x", { associations: [{ from: "e" }] })]))
    .rejects //
    .toMatchObject({
      code: "BAD_INPUT",
      message: expect.stringContaining("line 1: associations.0"),
    });
});

test("an export of a session has that session alone; pages make no difference", async () => {
  const memory = bed.as({ tenant: "pages" });
  await memory.importMemories(lines(1_203));
  expect(await all(memory.exportMemories())).toHaveLength(1_203);
  const one = await all(memory.exportMemories({ sessionId: "s1" }));
  expect(one.map(({ content }) => content)).toEqual(
    Array.from({ length: 401 }, (_, n) => `line ${3 * n + 1}`),
  );
  await expect(all(memory.exportMemories({ sessionId: "none" }))).rejects.toMatchObject({
    code: "NOT_FOUND",
  });
});

test("a line whose expiry has passed is left out and counted", async () => {
  const memory = bed.as({ tenant: "old" });
  const result = await memory.importMemories([
    ...lines(1, { expires_at: "2020-01-01T00:00:00Z" }),
    ...lines(1, { expires_at: "2100-01-01T00:00:00+02:00" }),
  ]);
  expect(result).toMatchObject({ imported: 1, expired: 1 });
});

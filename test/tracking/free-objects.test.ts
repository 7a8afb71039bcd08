import { expect, test } from "vitest";
import { openObjectStore } from "../../src/artifacts/open-object-store.ts";
import { artifactsParams } from "../../src/artifacts/params.ts";
import { realEffects } from "../../src/core/effects.ts";
import { type Digest, digestBytes } from "../../src/core/hash.ts";
import { createRandom } from "../../src/core/random.ts";
import { insertStageRecord } from "../../src/registry/stage-record-queries.ts";
import { freeObjects } from "../../src/tracking/free-objects.ts";
import { temporaryFolder } from "../support/database.ts";
import { testServer } from "../support/server.ts";

const root = temporaryFolder();
const { database, services } = await testServer({}, { root });
const { artifacts } = services;
const store = openObjectStore(artifactsParams.parse({}), root, {}, realEffects);
const soon = () => new Date(Date.now() + 60_000);

async function* stream(text: string) {
  yield Buffer.from(text);
}
const put = async (path: string, text: string): Promise<Digest> =>
  (await artifacts.put(path, stream(text))).digest;
const isThere = (digest: Digest) => store.has(digest);
const free = (before = soon()) => freeObjects(database, store, before, []);

test("bytes go with the last path that names them, when that is long enough ago", async () => {
  const digest = await put("0/a/model.bin", "the same");
  await put("0/b/model.bin", "the same");
  await artifacts.delete("0/a");
  expect(await free()).toEqual({ objects: 0, sizeBytes: 0, missing: 0 });
  await artifacts.delete("0/b/model.bin");
  expect((await free(new Date(Date.now() - 60_000))).objects).toBe(0);
  expect(await isThere(digest)).toBe(true);
  expect(await free()).toEqual({ objects: 1, sizeBytes: 8, missing: 0 });
  expect(await isThere(digest)).toBe(false);
  expect((await free()).objects).toBe(0);
});

test("bytes that newer ones replaced go, and the same bytes sent again do not", async () => {
  const old = await put("0/c.txt", "first");
  await put("0/c.txt", "second");
  expect(await free()).toMatchObject({ objects: 1, sizeBytes: 5 });
  expect(await isThere(old)).toBe(false);
  await put("0/c.txt", "second"); // nothing is replaced
  await artifacts.delete("0/c.txt");
  await put("0/d.txt", "second");
  expect((await free()).objects).toBe(0);
});

test("what a record of a stage names stays", async () => {
  const digest = await put("0/e.txt", "a dataset");
  const text = JSON.stringify({ stage: "data", datasets: [{ sha256: digest }] });
  await insertStageRecord(database.kysely, {
    ...{ digest: digestBytes(text), stage: "data", path: "data.json", text, journalText: null },
    ...{ at: new Date(), actor: "tester" },
  });
  await artifacts.delete("0/e.txt");
  expect((await free()).objects).toBe(0);
  expect(await isThere(digest)).toBe(true);
});

test("an object that another place of artifacts has is missing, and waits for that place", async () => {
  const digest = await put("0/f.txt", "elsewhere");
  await artifacts.delete("0/f.txt");
  const other = openObjectStore(artifactsParams.parse({}), temporaryFolder(), {}, realEffects);
  const given = await freeObjects(database, other, soon(), [digest]);
  expect(given).toEqual({ objects: 0, sizeBytes: 0, missing: 1 });
  expect(await free()).toMatchObject({ objects: 1, missing: 0 });
});

test("what a killed run took away before it wrote that down is struck off by the next", async () => {
  const digest = await put("0/g.txt", "half done");
  await put("0/h.txt", "stays");
  await artifacts.delete("0/g.txt");
  await store.delete(digest);
  expect(await free()).toEqual({ objects: 0, sizeBytes: 0, missing: 0 });
  const rows = await database.kysely.selectFrom("loose_object").selectAll().execute();
  expect(rows).toEqual([]);
});

test("while the same few bytes come, go and are freed, every path has its bytes", async () => {
  const random = createRandom(8);
  const pick = (count: number) => Math.floor(count * random.uniform());
  const refused: unknown[] = [];
  async function once(): Promise<void> {
    const path = `1/${pick(6)}.txt`;
    const kind = pick(3);
    if (kind === 0) await free();
    else if (kind === 1) await artifacts.delete(path);
    else await put(path, `content ${pick(3)}`).catch((error: unknown) => refused.push(error));
  }
  for (let round = 0; round < 40; round += 1) {
    await Promise.all(Array.from({ length: 8 }, once));
    const files = await database.kysely.selectFrom("artifact_file").select("digest").execute();
    for (const { digest } of files) expect(await isThere(digest as Digest)).toBe(true);
  }
  for (const error of refused) expect(error).toMatchObject({ code: "STORAGE_UNAVAILABLE" });
});

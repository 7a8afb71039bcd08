import { expect, test } from "vitest";
import { systemClock } from "../../src/core/clock.ts";
import { type Digest, digestBytes } from "../../src/core/hash.ts";
import {
  listDatasets,
  type NewDataset,
  qualityScores,
  registerDataset,
} from "../../src/registry/dataset-queries.ts";
import {
  type NewFeatureView,
  registerFeatureView,
} from "../../src/registry/feature-view-queries.ts";
import { insertQualityMetrics } from "../../src/registry/quality-queries.ts";
import { findStageRecord, insertStageRecord } from "../../src/registry/stage-record-queries.ts";
import { testDatabase } from "../support/database.ts";

const AT = new Date("2026-11-23T10:00:00Z");
const database = await testDatabase();
const db = database.kysely;

async function record(name: string, text = "{}") {
  const recordDigest = digestBytes(name);
  const row = {
    digest: recordDigest,
    stage: "data",
    path: "data/raw/data.record.json",
    text,
  } as const;
  const isNew = await insertStageRecord(db, { ...row, journalText: null, at: AT, actor: "ann" });
  return { isNew, origin: { recordDigest, at: AT, actor: "ann", clock: systemClock } };
}

function dataset(name: string, content: string): NewDataset {
  return {
    name,
    kind: "raw",
    sourceType: "file",
    filePath: `data/raw/${name}.parquet`,
    fileFormat: "parquet",
    schemaHash: digestBytes("schema"),
    contentSha256: digestBytes(content),
    dataDigest: null,
    sizeBytes: 5_000_000_000,
    rowCount: 3,
    columnCount: 2,
    metadata: {},
    featureViewId: null,
    sourceIds: [],
  };
}

function view(feature: string, fit: string, datasetIds: string[]): NewFeatureView {
  const hashes: { featureHash: Digest; fitHash: Digest } = {
    featureHash: digestBytes(feature),
    fitHash: digestBytes(fit),
  };
  const parts = {
    schemaHash: null,
    featureList: ["age"],
    transformationLogic: {},
    validationSchema: null,
  };
  return { name: "view", ...hashes, ...parts, datasetIds };
}

test("versions of a dataset count 1, 2, …; bytes that were there keep their version", async () => {
  const { origin } = await record("counting");
  const versions = [];
  for (const content of ["a", "b", "a", "c"]) {
    versions.push(await registerDataset(db, dataset("patients", content), origin));
  }
  expect(versions.map(({ version }) => version)).toEqual([1, 2, 1, 3]);
  expect(versions.map(({ created }) => created)).toEqual([true, true, false, true]);
  const other = await registerDataset(db, dataset("labs", "a"), origin);
  expect(other.version).toBe(1);
  const listed = (await listDatasets(db)).map(({ name, version }) => `${name}@${version}`);
  expect(listed).toEqual(["labs@1", "patients@3", "patients@2", "patients@1"]);
});

test("many registrations at once give each content one number and leave no gap", async () => {
  const { origin } = await record("rush");
  const contents = ["a", "b", "c", "a", "b", "c", "d", "a"];
  const versions = await Promise.all(
    contents.map((content) =>
      database.transaction((transaction) =>
        registerDataset(transaction, dataset("rush", content), origin),
      ),
    ),
  );
  expect([...new Set(versions.map(({ version }) => version))].sort()).toEqual([1, 2, 3, 4]);
  expect(versions.filter(({ created }) => created)).toHaveLength(4);
  expect(versions[0]!.version).toBe(versions[3]!.version);
});

test("the same feature and fit hash are one version; new source datasets are linked to it", async () => {
  const { origin } = await record("views");
  const first = await registerDataset(db, dataset("source", "1"), origin);
  const second = await registerDataset(db, dataset("source", "2"), origin);
  const one = await registerFeatureView(db, view("f", "g", [first.id]), origin);
  const same = await registerFeatureView(db, view("f", "g", [first.id, second.id]), origin);
  const refitted = await registerFeatureView(db, view("f", "h", [second.id]), origin);
  expect([one.version, same.version, refitted.version]).toEqual([1, 1, 2]);
  expect(same).toEqual({ id: one.id, version: 1, created: false });
  const links = await db.selectFrom("feature_view_dataset").selectAll().execute();
  expect(links).toHaveLength(3);
});

test("quality is kept for the table and its columns, once for each record", async () => {
  const { origin } = await record("quality");
  const { id } = await registerDataset(db, dataset("measured", "q"), origin);
  const metrics = [
    { column: null, metric: "score", value: 0.75 },
    { column: "age", metric: "missing", value: 12 },
  ];
  await insertQualityMetrics(db, id, metrics, origin);
  await insertQualityMetrics(db, id, metrics, origin);
  const rows = await db
    .selectFrom("data_quality_metrics")
    .select("metric")
    .where("dataset_id", "=", id)
    .execute();
  expect(rows).toHaveLength(2);
  expect((await qualityScores(db)).get(id)).toBe(0.75);
});

test("a record is taken once and comes back to the byte, U+0000 in its texts too", async () => {
  const text = '{ "b": 1.0,\n "a": "nul \\u0000 here" }\n';
  expect((await record("exact", text)).isNew).toBe(true);
  expect((await record("exact", text)).isNew).toBe(false);
  expect((await findStageRecord(db, digestBytes("exact")))!.text).toBe(text);
  expect(await findStageRecord(db, digestBytes("unknown"))).toBeUndefined();
});

test("statistics with U+0000 in a text do not stop a registration", async () => {
  const { origin } = await record("nul");
  const metadata = { columns: [{ name: "note", mode: "a\u0000b" }] };
  const { id } = await registerDataset(db, { ...dataset("nul", "n"), metadata }, origin);
  const row = await db
    .selectFrom("dataset_catalog")
    .select("metadata_json")
    .where("id", "=", id)
    .executeTakeFirst();
  expect(row!.metadata_json).toEqual({ columns: [{ name: "note", mode: "a\ufffdb" }] });
});

test("what is no digest, no version, no status is refused by the database itself", async () => {
  const { origin } = await record("checks");
  const bad = { ...dataset("bad", "x"), contentSha256: "md5:123" as Digest };
  await expect(registerDataset(db, bad, origin)).rejects.toThrow(/check constraint/);
  const orphan = { ...origin, recordDigest: digestBytes("never registered") };
  await expect(registerDataset(db, dataset("orphan", "x"), orphan)).rejects.toThrow(/foreign key/);
});

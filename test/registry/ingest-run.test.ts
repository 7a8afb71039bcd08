import { expect, test } from "vitest";
import { systemClock } from "../../src/core/clock.ts";
import { digestBytes } from "../../src/core/hash.ts";
import { uuidV7 } from "../../src/core/ids.ts";
import {
  type IngestRunRow,
  insertIngestRuns,
  listIngestRuns,
} from "../../src/registry/ingest-run-queries.ts";
import { testDatabase } from "../support/database.ts";

const database = await testDatabase();
const db = database.kysely;

function run(dataset: string, startedAt: string, rowsAdded: number): IngestRunRow {
  return {
    id: uuidV7(),
    dataset,
    source: "data/source/visits.csv",
    content_sha256: digestBytes(`${dataset} ${startedAt}`),
    started_at: startedAt,
    ended_at: "2026-11-25T10:00:00.500Z",
    rows_read: 10,
    rows_added: rowsAdded,
    rows_rejected: 0,
    bytes_read: 5_000_000_000,
    watermark: null,
  };
}

test("runs are kept once, listed newest first, each with its audit event", async () => {
  const first = run("visits", "2026-11-24T10:00:00.000Z", 10);
  const second = run("visits", "2026-11-25T10:00:00.000Z", 3);
  const other = run("labs", "2026-11-25T10:00:00.000Z", 1);
  await insertIngestRuns(db, [first, second, other], "ann", systemClock);
  await insertIngestRuns(db, [second], "ann", systemClock);
  expect(await listIngestRuns(db, "visits", 10)).toEqual([second, first]);
  expect(await listIngestRuns(db, "visits", 1)).toEqual([second]);
  const events = await db.selectFrom("audit_event").select("object_id").execute();
  expect(events.map(({ object_id }) => object_id).sort()).toEqual(["labs", "visits", "visits"]);
});

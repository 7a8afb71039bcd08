import { appendAudit } from "../audit/append-audit.ts";
import type { Clock } from "../core/clock.ts";
import type { Database } from "../store/database.ts";

/** One run of an ingest over one source. */
export type IngestRunRow = Readonly<{
  id: string;
  dataset: string;
  /** A path or an address, without credentials. */
  source: string;
  /** Content of the dataset after the run. */
  content_sha256: string;
  started_at: string;
  ended_at: string;
  rows_read: number;
  rows_added: number;
  /** Left out by the contract. */
  rows_rejected: number;
  bytes_read: number;
  /** The greatest one seen so far; null for a source without one. */
  watermark: string | null;
}>;

/** Writes runs, each once: an id that is there already is left as it is. */
export async function insertIngestRuns(
  db: Database,
  runs: readonly IngestRunRow[],
  actor: string,
  clock: Clock,
): Promise<void> {
  for (const run of runs) {
    const { numInsertedOrUpdatedRows } = await db
      .insertInto("ingest_run")
      .values(run)
      .onConflict((conflict) => conflict.column("id").doNothing())
      .executeTakeFirst();
    if (numInsertedOrUpdatedRows === 0n) continue;
    const { id, dataset, ...after } = run;
    const event = {
      actor,
      action: "dataset.ingest",
      object_type: "dataset",
      object_id: dataset,
      after: { run: id, ...after },
    };
    await appendAudit(db, event, clock);
  }
}

/** The runs over a dataset's source, the newest first. */
export async function listIngestRuns(
  db: Database,
  dataset: string,
  limit: number,
): Promise<IngestRunRow[]> {
  const rows = await db
    .selectFrom("ingest_run")
    .selectAll()
    .where("dataset", "=", dataset)
    .orderBy("started_at", "desc")
    .orderBy("id", "desc")
    .limit(limit)
    .execute();
  return rows.map((row) => ({
    ...row,
    started_at: row.started_at.toISOString(),
    ended_at: row.ended_at.toISOString(),
  }));
}

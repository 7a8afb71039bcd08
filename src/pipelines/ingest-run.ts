import type { Effects } from "../core/effects.ts";
import { uuidV7 } from "../core/ids.ts";
import type { IngestRunRow } from "../registry/ingest-run-queries.ts";
import type { DatasetRecord } from "./data-record.ts";

/** What an ingest took from a source. */
export type RowsTaken = Readonly<{
  rowsRead: number;
  rowsAdded: number;
  /** Left out by the contract. */
  rowsRejected: number;
  bytesRead: number;
  /** The greatest one seen so far, where the source has one. */
  watermark: string | null;
}>;

export const NOTHING_TAKEN: RowsTaken = {
  rowsRead: 0,
  rowsAdded: 0,
  rowsRejected: 0,
  bytesRead: 0,
  watermark: null,
};

/** What the run over one source came to, as the metadata store keeps it. */
export function toIngestRun(
  dataset: DatasetRecord,
  source: string,
  taken: RowsTaken,
  startedAt: Date,
  effects: Effects,
): IngestRunRow {
  return {
    id: uuidV7(effects.clock),
    dataset: dataset.name,
    source,
    content_sha256: dataset.sha256,
    started_at: startedAt.toISOString(),
    ended_at: effects.clock.now().toISOString(),
    rows_read: taken.rowsRead,
    rows_added: taken.rowsAdded,
    rows_rejected: taken.rowsRejected,
    bytes_read: taken.bytesRead,
    watermark: taken.watermark,
  };
}

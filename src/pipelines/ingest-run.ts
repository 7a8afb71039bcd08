import type { Effects } from "../core/effects.ts";
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

/** One run of the stage `data` over one source; also of those that found nothing new. */
export type IngestRun = Readonly<{
  dataset: string;
  /** Content of the dataset after the run. */
  content_sha256: DatasetRecord["sha256"];
  started_at: string;
  ended_at: string;
  rows_read: number;
  rows_added: number;
  rows_rejected: number;
  bytes_read: number;
  watermark: string | null;
}>;

export function toIngestRun(
  dataset: DatasetRecord,
  taken: RowsTaken,
  startedAt: Date,
  effects: Effects,
): IngestRun {
  return {
    dataset: dataset.name,
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

import { DuetMindError } from "../core/errors.ts";
import type { Int64 } from "../core/int64.ts";
import { checkMaxResults } from "../search/max-results.ts";
import type { OpenedDatabase } from "../store/database.ts";
import {
  type HistoryPage,
  type HistoryRequest,
  readHistories,
  readHistory,
  sampleHistories,
} from "./metric-history-queries.ts";

export const MAX_HISTORY_RUNS = 100;
export const MAX_BULK_POINTS = 25_000;
export const MAX_INTERVAL_POINTS = 2500;

export type IntervalQuery = Readonly<{
  runIds: readonly string[];
  key: string;
  startStep: Int64 | undefined;
  endStep: Int64 | undefined;
  maxResults: number | undefined;
}>;

/** The points of metrics, whatever the state of their runs; a run or key that is unknown has none. */
export type MetricHistoryService = Readonly<{
  page(request: HistoryRequest): Promise<HistoryPage>;
  /** Of several runs, at most 25,000 points; the text of a JSON list. */
  bulk(runIds: readonly string[], key?: string, maxResults?: number): Promise<string | null>;
  /** Of several runs, thinned out for a chart. */
  interval(query: IntervalQuery): Promise<string | null>;
}>;

export function createMetricHistories({ kysely }: OpenedDatabase): MetricHistoryService {
  return {
    async page(request) {
      const { maxResults } = request;
      if (maxResults !== undefined) checkMaxResults(maxResults, Number.MAX_SAFE_INTEGER - 1);
      return readHistory(kysely, request);
    },
    async bulk(runIds, key, maxResults = MAX_BULK_POINTS) {
      if (runIds.length === 0) {
        throw refused("GetMetricHistoryBulk request must specify at least one run_id.");
      }
      if (runIds.length > MAX_HISTORY_RUNS) {
        throw refused(
          `GetMetricHistoryBulk request cannot specify more than ${MAX_HISTORY_RUNS} run_ids. Received ${runIds.length} run_ids.`,
        );
      }
      if (key === undefined) {
        throw refused("GetMetricHistoryBulk request must specify a metric_key.");
      }
      const limit = checkMaxResults(Math.min(maxResults, MAX_BULK_POINTS), MAX_BULK_POINTS);
      return readHistories(kysely, runIds, key, limit);
    },
    async interval({ runIds, key, startStep, endStep, maxResults = MAX_INTERVAL_POINTS }) {
      if (runIds.length > MAX_HISTORY_RUNS) {
        throw refused(
          `GetMetricHistoryBulkInterval request must specify at most ${MAX_HISTORY_RUNS} run_ids. Received ${runIds.length} run_ids.`,
        );
      }
      if (maxResults < 1 || maxResults > MAX_INTERVAL_POINTS) {
        throw refused(
          `max_results must be between 1 and ${MAX_INTERVAL_POINTS}, got ${maxResults}`,
        );
      }
      const steps = toSteps(startStep, endStep);
      return sampleHistories(kysely, { runIds, key, steps, maxResults });
    },
  };
}

function toSteps(
  start: Int64 | undefined,
  end: Int64 | undefined,
): readonly [Int64, Int64] | undefined {
  if (start === undefined && end === undefined) return undefined;
  if (start === undefined || end === undefined) {
    throw refused("If either start step or end step are specified, both must be specified.");
  }
  if (start <= end) return [start, end];
  throw refused(
    `end_step must be greater than start_step. Found start_step=${start} and end_step=${end}.`,
  );
}

function refused(message: string): DuetMindError {
  return new DuetMindError("BAD_INPUT", message);
}

import { int32, int64, list, message, missing, required, text } from "./message.ts";
import { call, type MlflowRoute } from "./route.ts";
import { runFields, runIdOf } from "./run-fields.ts";
import { WireText } from "./write-json.ts";

/** MLflow's calls that read the points of metrics (reference: mlflow.md, sections 1 and 6). */
export const metricRoutes: readonly MlflowRoute[] = [
  call(
    { method: "GET", path: "/mlflow/metrics/get-history", scope: "read" },
    message({ ...runFields, metric_key: required(text), page_token: text, max_results: int64 }),
    async (fields, { metricHistories }) => {
      const { max_results: most, page_token } = fields;
      const { points, nextPageToken } = await metricHistories.page({
        runId: runIdOf(fields),
        key: fields.metric_key,
        maxResults: most === undefined ? undefined : Number(most),
        pageToken: page_token || undefined,
      });
      return toReply(points, nextPageToken);
    },
  ),
  call(
    { method: "GET", path: "/mlflow/metrics/get-history-bulk-interval", scope: "read" },
    message({
      run_ids: list(text),
      metric_key: required(text),
      start_step: int64,
      end_step: int64,
      max_results: int32,
    }),
    async ({ run_ids, metric_key, start_step, end_step, max_results }, { metricHistories }) => {
      const query = { startStep: start_step, endStep: end_step, maxResults: max_results };
      if (run_ids.length === 0) missing("run_ids");
      const runIds = toRunIds(run_ids);
      return toReply(await metricHistories.interval({ runIds, key: metric_key, ...query }));
    },
  ),
  call(
    { method: "GET", path: "/mlflow/metrics/get-history-bulk", scope: "read", ajaxOnly: true },
    message({ run_id: list(text), metric_key: text, max_results: int32 }),
    async ({ run_id, metric_key, max_results }, { metricHistories }) => {
      const text = await metricHistories.bulk(toRunIds(run_id), metric_key, max_results);
      return text === null ? { metrics: [] } : toReply(text);
    },
  ),
];

function toRunIds(given: readonly (string | undefined)[]): readonly string[] {
  return given.map((id) => id ?? "");
}

function toReply(points: string | null, nextPageToken: string | null = null): WireText {
  const metrics = points === null ? "" : `"metrics":${points}`;
  const token = nextPageToken === null ? "" : `,"next_page_token":${JSON.stringify(nextPageToken)}`;
  return new WireText(["{", metrics, token, "}"]);
}

import type { DatasetInput, Metric } from "../client/create-tracking-client.ts";
import type { RunInput } from "../tracking/input-queries.ts";
import type { Entry } from "../tracking/log-batch.ts";
import type { MetricPoint } from "../tracking/metric-point.ts";

/** The tags that an import writes are not those of the server that was itself made by one. */
export function toEntries(record: Readonly<Record<string, string>>): readonly Entry[] {
  return Object.entries(record)
    .filter(([key]) => !key.startsWith("duetmind.imported"))
    .map(([key, value]) => ({ key, value }));
}

export function toPoint({ key, value, timestamp, step }: Metric): MetricPoint {
  return { key, value, timestampMs: timestamp, step };
}

export function toInput(input: DatasetInput): RunInput {
  return {
    name: input.name,
    digest: input.digest,
    sourceType: input.sourceType,
    source: input.source,
    schema: input.schema ?? null,
    profile: input.profile ?? null,
    catalogId: null,
    tags: toEntries(input.tags ?? {}),
  };
}

/** Whether files pass through the server; others stay where they are, and are read from there. */
export function isProxied(uri: string): boolean {
  return uri.startsWith("mlflow-artifacts:");
}

import { z } from "zod";
import type { Run } from "../../tracking/run-text-queries.ts";

/** A measured number as JSON has it: infinities are text, NaN is null. */
export const measured = z.union([z.number(), z.enum(["Infinity", "-Infinity"])]).nullable();

export const runHead = z.object({
  run_id: z.string(),
  name: z.string(),
  experiment_id: z.string(),
  status: z.string(),
  user: z.string(),
  started_at: z.string().nullable(),
  ended_at: z.string().nullable(),
});

export function toRunHead(run: Run): z.infer<typeof runHead> {
  return {
    run_id: run.runId,
    name: run.name,
    experiment_id: String(run.experimentId),
    status: run.status,
    user: run.user,
    started_at: run.startedAt?.toISOString() ?? null,
    ended_at: run.endedAt?.toISOString() ?? null,
  };
}

export type LoggedMetric = Readonly<{
  key: string;
  value: z.infer<typeof measured>;
  step: number;
}>;

/** The latest point of each metric. */
export function metricsOf({ texts }: Run): readonly LoggedMetric[] {
  const points = JSON.parse(texts.metrics ?? "[]") as readonly Readonly<{
    key: string;
    value: number | "NaN" | "Infinity" | "-Infinity";
    step: number;
  }>[];
  return points.map(({ key, value, step }) => ({
    key,
    value: value === "NaN" ? null : value,
    step,
  }));
}

export type LoggedEntry = Readonly<{ key: string; value: string }>;

export function entriesOf(text: string | null): readonly LoggedEntry[] {
  return JSON.parse(text ?? "[]") as readonly LoggedEntry[];
}

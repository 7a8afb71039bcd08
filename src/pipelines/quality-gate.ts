import { z } from "zod";
import { DuetMindError } from "../core/errors.ts";
import { nearestHint } from "../core/nearest.ts";
import type { Progress } from "../core/progress.ts";
import type { DatasetRecord } from "./data-record.ts";

const share = z.number().min(0).max(1);

/** `quality:` of params.yaml: what a dataset must be before anything is made of it. */
export const qualityParams = z.strictObject({
  minimum_score: share.optional().describe("least share of good cells"),
  maximum_missing: share.optional().describe("greatest share of missing cells"),
  columns: z
    .record(z.string().min(1), share)
    .default({})
    .describe("greatest share of missing values of a column"),
  severity: z.enum(["error", "warning"]).default("error"),
});
export type QualityParams = Readonly<z.infer<typeof qualityParams>>;

/** A limit of the gate that a dataset misses. */
export const qualityFinding = z.strictObject({
  measure: z.enum(["score", "missing"]),
  /** Null for the dataset as a whole. */
  column: z.string().nullable(),
  limit: share,
  found: z.number(),
});
export type QualityFinding = Readonly<z.infer<typeof qualityFinding>>;

type Measured = Pick<DatasetRecord, "name" | "row_count" | "quality" | "statistics">;

/** The limits that a dataset misses. A column is looked for in every dataset that has one of its name. */
export function checkQuality(params: QualityParams, dataset: Measured): QualityFinding[] {
  const { quality, statistics, row_count: rows } = dataset;
  const missing = quality.cells === 0 ? 0 : quality.missing_cells / quality.cells;
  const findings: QualityFinding[] = [];
  const { minimum_score: least, maximum_missing: most } = params;
  if (least !== undefined && quality.score < least) {
    findings.push({ measure: "score", column: null, limit: least, found: quality.score });
  }
  if (most !== undefined && missing > most) {
    findings.push({ measure: "missing", column: null, limit: most, found: missing });
  }
  for (const { name, missing: nulls } of statistics) {
    const limit = Object.hasOwn(params.columns, name) ? params.columns[name]! : undefined;
    if (limit === undefined || nulls / rows <= limit) continue;
    findings.push({ measure: "missing", column: name, limit, found: nulls / rows });
  }
  return findings;
}

/**
 * The record of a dataset with what the gate warns of. Throws QUALITY_GATE_FAILED where the gate is one
 * that stops, so that nothing of the dataset is published and its last version stays.
 */
export function passQualityGate(
  params: QualityParams,
  dataset: DatasetRecord,
  progress: Progress,
): DatasetRecord {
  const { quality_gate: _, ...record } = dataset;
  const findings = checkQuality(params, dataset);
  if (findings.length === 0) return record;
  const text = `${dataset.path}: ${findings.map(toText).join("; ")}`;
  if (params.severity === "error") {
    throw new DuetMindError("QUALITY_GATE_FAILED", text, {
      path: "quality",
      hint: "the last version stays; fix the data, or change quality: in params.yaml",
    });
  }
  progress.note(`warning: ${text}`);
  return { ...record, quality_gate: findings };
}

function toText({ measure, column, limit, found }: QualityFinding): string {
  const shown = Number(found.toPrecision(4));
  if (measure === "score") return `expected a quality score of at least ${limit}, got ${shown}`;
  const where = column === null ? "cells" : `of "${column}"`;
  return `expected a share of missing ${where} of at most ${limit}, got ${shown}`;
}

/** A column that no dataset has is a slip of the pen, and would never be checked. */
export function checkGateColumns(params: QualityParams, datasets: readonly Measured[]): void {
  const names = datasets.flatMap(({ statistics }) => statistics.map(({ name }) => name));
  for (const column of Object.keys(params.columns)) {
    if (names.includes(column)) continue;
    throw new DuetMindError(
      "COLUMN_NOT_FOUND",
      `params.yaml: quality.columns: expected a column of a dataset, got "${column}"`,
      {
        file: "params.yaml",
        path: `quality.columns.${column}`,
        ...nearestHint(column, names),
      },
    );
  }
}

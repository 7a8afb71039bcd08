import { posix } from "node:path";
import { z } from "zod";
import { parseJson } from "../core/json.ts";
import { parseWith } from "../core/parse.ts";
import type { Performance } from "../registry/performance.ts";
import type { RecordedFile } from "./register-file.ts";
import type { TrainRecord } from "./train-record.ts";

const number = z.number().nullable();
const measured = z.looseObject({ value: number, lower: number, upper: number, baseline: number });
const split = z.looseObject({ metrics: z.record(z.string(), measured) });

/** Of metrics.json only what registration keeps: the values of both splits with their intervals. */
const metricsFile = z.looseObject({ validation: split, test: split });

/** The intervals of a training's metrics, from the metrics.json among its files. */
export async function readIntervals(
  record: TrainRecord,
  read: (file: RecordedFile) => Promise<Uint8Array>,
): Promise<Performance> {
  const file = record.artifacts.find(({ path }) => posix.basename(path) === "metrics.json");
  if (file === undefined) return {};
  const content = parseJson(await read(file), file.path);
  const { validation, test } = parseWith(metricsFile, content, file.path, { file: file.path });
  return { validation: validation.metrics, test: test.metrics };
}

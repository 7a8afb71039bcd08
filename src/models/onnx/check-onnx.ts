import { DuetMindError } from "../../core/errors.ts";
import type { Feed, OnnxRuntime } from "../../onnx/runtime.ts";
import type { Columns } from "../../table/columns.ts";
import { PREDICTION, type Predictor, probabilityNames } from "../predictor.ts";
import { inputsFor } from "./input-nodes.ts";
import { outputName } from "./to-onnx.ts";

/** How far ONNX Runtime's answers for a model may be from ours. */
export const ONNX_TOLERANCE = 1e-6;

const ROWS_A_BATCH = 8192;

export type OnnxCheck = Readonly<{
  runtime: string;
  rows: number;
  /** Largest difference of a probability; of a regression relative to values above 1. */
  maxDifference: number;
}>;

/**
 * Scores raw inputs with model.onnx and compares with our own scores (row-major probabilities, or
 * predictions). Throws STAGE_FAILED where they are further apart than ONNX_TOLERANCE.
 */
export async function checkOnnx(
  bytes: Uint8Array,
  predictor: Predictor,
  inputs: Columns,
  expected: Float64Array,
  runtime: OnnxRuntime,
): Promise<OnnxCheck> {
  const session = await runtime.open(bytes);
  const isRegression = predictor.model.task === "regression";
  const names = isRegression ? [PREDICTION] : probabilityNames(predictor);
  let maxDifference = 0;
  try {
    for (let start = 0; start < inputs.rowCount; start += ROWS_A_BATCH) {
      const end = Math.min(inputs.rowCount, start + ROWS_A_BATCH);
      const outputs = await session.run(feedsOf(predictor, inputs, start, end));
      names.forEach((name, k) => {
        const values = outputs[outputName(name, predictor)]!.data;
        for (let i = 0; i < end - start; i++) {
          const ours = expected[(start + i) * names.length + k]!;
          const difference = Math.abs(Number(values[i]) - ours) / Math.max(1, Math.abs(ours));
          // a NaN on one side must not compare as equal
          maxDifference = Math.max(maxDifference, Number.isNaN(difference) ? Infinity : difference);
        }
      });
    }
  } finally {
    await session.close();
  }
  if (maxDifference > ONNX_TOLERANCE) {
    throw new DuetMindError(
      "STAGE_FAILED",
      `model.onnx: expected ${runtime.name} to score the test split as DuetMind does, to ${ONNX_TOLERANCE}, got a difference of ${maxDifference}`,
    );
  }
  return { runtime: runtime.name, rows: inputs.rowCount, maxDifference };
}

function feedsOf(
  predictor: Predictor,
  table: Columns,
  start: number,
  end: number,
): Record<string, Feed> {
  const inputs = inputsFor(predictor.view, predictor.model.featureNames);
  const rows = end - start;
  const dims = inputs.length === 1 ? [rows, 1] : [rows];
  return Object.fromEntries(
    inputs.map(({ name, type }) => {
      const column = table.columns.find((one) => one.name === name);
      if (column === undefined) {
        throw new DuetMindError(
          "COLUMN_NOT_FOUND",
          `inputs: expected a column "${name}", got none`,
        );
      }
      if (type !== "text") {
        // a column of nulls alone has no type: it reads as text without a word
        const values =
          column.kind === "number"
            ? column.values.slice(start, end)
            : new Float64Array(rows).fill(Number.NaN);
        return [name, { dims, values }];
      }
      const values =
        column.kind === "text"
          ? Array.from(column.codes.subarray(start, end), (code) => column.dictionary[code] ?? "")
          : new Array<string>(rows).fill("");
      return [name, { dims, values }];
    }),
  );
}

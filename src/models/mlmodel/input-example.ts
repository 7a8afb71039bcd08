import { inputsFor } from "../onnx/input-nodes.ts";
import type { Predictor } from "../predictor.ts";

/** A table as pandas' `split` orientation writes it. */
export type SplitTable = Readonly<{
  columns: readonly string[];
  data: readonly (readonly (number | string | null)[])[];
}>;

/**
 * One row as a caller would send it: medians and modes of the training split, which belong to nobody.
 * What the view does not tell (a sensitive column) stays missing.
 */
export function toInputExample({ view, model }: Predictor): SplitTable {
  const inputs = inputsFor(view, model.featureNames);
  const row = inputs.map(({ type, example }) => {
    if (type === "text") return example === null ? "" : String(example);
    const number = typeof example === "boolean" ? Number(example) : example;
    return typeof number === "number" ? number : null;
  });
  return { columns: inputs.map((input) => input.name), data: [row] };
}

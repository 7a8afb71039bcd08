import { DuetMindError } from "../core/errors.ts";

/** Refuses a size of page that a search does not give; the texts are MLflow's, which clients know. */
export function checkMaxResults(value: number, maximum: number): number {
  const subject = `Invalid value ${value} for parameter 'max_results' supplied.`;
  if (!Number.isInteger(value) || value < 1) {
    throw new DuetMindError("BAD_INPUT", `${subject} It must be a positive integer`);
  }
  if (value > maximum) {
    throw new DuetMindError("BAD_INPUT", `${subject} It must be at most ${maximum}, got ${value}`);
  }
  return value;
}

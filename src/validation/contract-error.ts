import { DuetMindError } from "../core/errors.ts";

export type PathStep = string | number;

/** A contract that cannot be: says where in the file, what was expected and what came. */
export function contractError(
  file: string,
  path: readonly PathStep[],
  message: string,
  hint?: string,
): DuetMindError {
  const where = path.join(".");
  return new DuetMindError(
    "CONTRACT_INVALID",
    `${file}: ${where === "" ? "" : `${where}: `}${message}`,
    { file, ...(where === "" ? {} : { path: where }), ...(hint === undefined ? {} : { hint }) },
  );
}

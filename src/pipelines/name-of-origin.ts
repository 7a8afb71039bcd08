import { DuetMindError } from "../core/errors.ts";
import type { PlannedDataset } from "./data-plan.ts";

/**
 * An error about files that were fetched, which calls them what their origin does: the place on this
 * machine, somewhere in `.duetmind/sources`, tells nobody which object of a bucket to mend.
 */
export function nameOfOrigin(
  error: unknown,
  { sourceType, files }: Pick<PlannedDataset, "sourceType" | "files">,
): unknown {
  if (!(error instanceof DuetMindError) || sourceType === "file") return error;
  const said = files.filter(({ path }) => error.message.includes(path));
  if (said.length === 0) return error;
  const rename = (text: string) =>
    said.reduce((renamed, { path, name }) => renamed.replaceAll(path, name), text);
  const { file, ...details } = error.details;
  const renamed = file === undefined ? {} : { file: rename(file) };
  return new DuetMindError(error.code, rename(error.message), { ...details, ...renamed });
}

import { posix } from "node:path";
import { DuetMindError } from "../core/errors.ts";
import type { Digest } from "../core/hash.ts";
import type { PlannedFile } from "./register-plan.ts";

export type RecordedFile = Readonly<{ path: string; sha256: Digest; size_bytes: number }>;

/** A file of a record; a record may come from elsewhere, so a path out of the project is refused. */
export function toPlannedFile(file: RecordedFile): PlannedFile {
  const inside =
    file.path !== "" &&
    !posix.isAbsolute(file.path) &&
    !file.path.includes("\\") &&
    posix.normalize(file.path) === file.path &&
    file.path !== ".." &&
    !file.path.startsWith("../");
  if (!inside) {
    throw new DuetMindError(
      "BAD_INPUT",
      `record: expected paths inside the project, got "${file.path}"`,
    );
  }
  return { path: file.path, digest: file.sha256, sizeBytes: file.size_bytes };
}

/** The file of a list that has this name. */
export function fileNamed<T extends RecordedFile>(
  files: readonly T[],
  name: string,
  recordPath: string,
): T {
  const found = files.find(({ path }) => posix.basename(path) === name);
  if (found !== undefined) return found;
  throw new DuetMindError(
    "BAD_INPUT",
    `${recordPath}: expected a file ${name} among those recorded, got none`,
  );
}

import { posix } from "node:path";
import { DuetMindError } from "../core/errors.ts";
import type { Digest } from "../core/hash.ts";
import type { PlannedFile } from "./register-plan.ts";

export type RecordedFile = Readonly<{ path: string; sha256: Digest; size_bytes: number }>;

export function toPlannedFile(file: RecordedFile): PlannedFile {
  return { path: insidePath(file.path), digest: file.sha256, sizeBytes: file.size_bytes };
}

/** A record may come from elsewhere: a path that leads out of the project is refused. */
export function insidePath(path: string): string {
  const inside =
    path !== "" &&
    !posix.isAbsolute(path) &&
    !path.includes("\\") &&
    posix.normalize(path) === path &&
    path !== ".." &&
    !path.startsWith("../");
  if (inside) return path;
  throw new DuetMindError("BAD_INPUT", `record: expected paths inside the project, got "${path}"`);
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

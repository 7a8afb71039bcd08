import { DuetMindError } from "../core/errors.ts";
import { decodeStable } from "./limits.ts";

/**
 * Paths of the artifact proxy. A client's path is percent-decoded until nothing changes, as MLflow
 * does, so that no later reader can make `..` of it; then it must stay below its root on every system.
 * It is kept as POSIX would resolve it: `a//b/./c` is `a/b/c`, and there is one way to name a file.
 */

/** What file systems allow for one name. */
const MAX_PART_BYTES = 255;
/** A key of the database's index has less than 2,700 bytes. */
const MAX_PATH_BYTES = 2048;

/** Control characters, and halves of surrogate pairs, which UTF-8 cannot write. */
const UNWRITABLE = /[\p{Cc}\p{Cs}]/u;
const WINDOWS_ABSOLUTE = /^[A-Za-z]:\//;

/** The path of a file or folder below the root: `model/MLmodel`; "" is the root itself. */
export function toArtifactPath(given: string): string {
  const path = decodeStable(given);
  const refused = refusalOf(path);
  if (refused !== undefined) {
    // Clients compare MLflow's message as a whole.
    throw new DuetMindError("BAD_INPUT", "Invalid path", { hint: `expected ${refused}` });
  }
  const parts = path.split("/").filter((part) => part !== "" && part !== ".");
  if (parts.some((part) => Buffer.byteLength(part) > MAX_PART_BYTES)) {
    throw invalidPath(given, `names of at most ${MAX_PART_BYTES} bytes`);
  }
  const clean = parts.join("/");
  if (Buffer.byteLength(clean) > MAX_PATH_BYTES) {
    throw invalidPath(given, `a path of at most ${MAX_PATH_BYTES} bytes`);
  }
  return clean;
}

/** A path that bytes can be written to: not the root, and not written like a folder. */
export function toArtifactFilePath(given: string): string {
  const path = toArtifactPath(given);
  if (path === "" || decodeStable(given).endsWith("/"))
    throw invalidPath(given, "the name of a file");
  return path;
}

/** What the path would have to be; undefined when it is. */
function refusalOf(path: string): string | undefined {
  if (UNWRITABLE.test(path)) return "no control characters";
  if (path.includes("\\")) return "no backslash";
  if (path.includes("#")) return 'no "#"';
  if (path.startsWith("/") || WINDOWS_ABSOLUTE.test(path)) return "a relative path";
  if (path.split("/").includes("..")) return 'no ".."';
  return undefined;
}

function invalidPath(given: string, expected: string): DuetMindError {
  const shown = given.length > 200 ? `${given.slice(0, 200)}…` : given;
  return new DuetMindError("BAD_INPUT", `Invalid path: expected ${expected}, got '${shown}'`);
}

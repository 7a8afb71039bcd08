import { lstatSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import type { Environment } from "../core/environment.ts";
import { DuetMindError } from "../core/errors.ts";
import { digestBytes, digestHex } from "../core/hash.ts";
import { makeFolder } from "../core/make-folder.ts";
import { stateFolder } from "../core/state-folder.ts";

/** Where a project keeps its embedded database. */
export type EmbeddedPaths = Readonly<{
  folder: string;
  lock: string;
  backups: string;
}>;

/** The folders of the embedded database of a project. */
export function embeddedPaths(root: string, env: Environment = {}): EmbeddedPaths {
  const home = stateFolder(root, env);
  return { folder: join(home, "db"), lock: join(home, "db.lock"), backups: join(home, "backup") };
}

/** `sockaddr_un` has 104 bytes on macOS and 108 on Linux, with a final NUL. */
const LONGEST_SOCKET_PATH = 103;

/** The name that libpq and `pg` look for in the folder that is given as the host. */
export function socketFile(folder: string, port: number): string {
  return join(folder, `.s.PGSQL.${port}`);
}

/**
 * A folder of mode 0700 for the socket: beside the lock or, where that path is too long for a socket,
 * a folder of this user in the temporary folder, named by a digest of the project.
 */
export function makeSocketFolder(paths: EmbeddedPaths): string {
  const beside = join(paths.lock, "socket");
  if (Buffer.byteLength(socketFile(beside, 65_535)) <= LONGEST_SOCKET_PATH) {
    return ownFolder(beside);
  }
  const digest = digestHex(digestBytes(paths.folder)).slice(0, 16);
  const name = join(`duetmind-${userInfo().uid}`, digest);
  const fits = (base: string) =>
    Buffer.byteLength(socketFile(join(base, name), 65_535)) <= LONGEST_SOCKET_PATH;
  const base = fits(tmpdir()) ? tmpdir() : "/tmp";
  ownFolder(join(base, `duetmind-${userInfo().uid}`));
  return ownFolder(join(base, name));
}

/** In a temporary folder that everybody may write to, somebody else may have been first. */
function ownFolder(path: string): string {
  makeFolder(path, 0o700);
  const found = lstatSync(path);
  if (!found.isDirectory() || found.uid !== userInfo().uid || (found.mode & 0o077) !== 0) {
    throw new DuetMindError(
      "NOT_WRITABLE",
      `${path}: expected a folder of this user with mode 0700, got mode ${(found.mode & 0o777).toString(8)} of user ${found.uid}`,
      { file: path, hint: "remove it, or set TMPDIR to a folder of your own" },
    );
  }
  return path;
}

import { readdirSync, readFileSync, readlinkSync, realpathSync, statSync } from "node:fs";
import { join } from "node:path";
import { doPathsMeet, type PathClaim } from "./path-claim.ts";

/**
 * Whether DVC itself works on the same paths now. It holds `.dvc/tmp/lock` by flock(2) for all but the
 * time in which a stage's command runs, and then lists the stage's paths in `.dvc/tmp/rwlock`:
 *
 *     {"write": {"/repo/model": {"pid": 4711, "cmd": "dvc repro"}}, "read": {"/repo/data": [{…}]}}
 *
 * Node has no flock; Linux shows who holds one. Elsewhere only the list of paths is looked at.
 */
export function findDvcHolder(
  root: string,
  claim: PathClaim,
): Readonly<{ pid: number; since: null }> | null {
  const folder = join(root, ".dvc", "tmp");
  const pid = flockHolder(join(folder, "lock")) ?? pathHolder(join(folder, "rwlock"), claim);
  return pid === null ? null : { pid, since: null };
}

/** The process that holds a file by flock, from `1: FLOCK  ADVISORY  WRITE 4711 08:01:1234 0 EOF`. */
function flockHolder(path: string): number | null {
  const stat = statSync(path, { bigint: true, throwIfNoEntry: false });
  if (stat === undefined) return null;
  let locks: string;
  try {
    locks = readFileSync("/proc/locks", "utf8");
  } catch {
    return null; // not Linux
  }
  for (const line of locks.split("\n")) {
    const fields = line.trim().split(/\s+/);
    const inode = fields[5]?.split(":")[2];
    if (fields[1] !== "FLOCK" || inode !== String(stat.ino)) continue;
    const pid = Number(fields[4]);
    if (pid > 0 && hasOpen(pid, realpathSync(path))) return pid; // inodes repeat on other disks
  }
  return null;
}

function hasOpen(pid: number, path: string): boolean {
  const folder = `/proc/${pid}/fd`;
  try {
    return readdirSync(folder).some((fd) => readlinkSync(join(folder, fd)) === path);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EACCES"; // of another person: taken at its word
  }
}

type Info = Readonly<{ pid?: unknown }>;

function pathHolder(path: string, claim: PathClaim): number | null {
  let lists: Readonly<{ write?: Record<string, Info>; read?: Record<string, readonly Info[]> }>;
  try {
    lists = JSON.parse(readFileSync(path, "utf8")) as typeof lists;
  } catch {
    return null; // none there, or DVC is just writing it
  }
  const all = [...claim.reads, ...claim.writes];
  const writers = Object.entries(lists.write ?? {}).filter(([at]) => doPathsMeet([at], all));
  const readers = Object.entries(lists.read ?? {}).filter(([at]) =>
    doPathsMeet([at], claim.writes),
  );
  const infos = [...writers.map(([, info]) => info), ...readers.flatMap(([, list]) => list)];
  return infos.map(({ pid }) => Number(pid)).find(isRunning) ?? null;
}

function isRunning(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

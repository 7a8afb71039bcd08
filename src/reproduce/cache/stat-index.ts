import { type BigIntStats, existsSync, readFileSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import { z } from "zod";
import type { Clock } from "../../core/clock.ts";
import type { Effects } from "../../core/effects.ts";
import { publishContent } from "../../core/files.ts";
import { hashFile } from "../../core/hash.ts";

/**
 * Remembers the md5 of a file by its inode, size and times, so that a run with nothing to do reads no
 * data. It is a cache: deleting it changes only speed.
 *
 * A file changed twice within one tick of the file system's clock keeps its times, so an md5 is
 * remembered only when the file had been at rest for longer than a tick when it was read.
 */
export type StatIndex = Readonly<{
  md5(path: string): Readonly<{ md5: string; sizeBytes: number; isExecutable: boolean }>;
  /** Writes the index when something was learnt. */
  save(effects: Effects): Promise<void>;
}>;

const indexFile = z.strictObject({
  version: z.literal(1),
  files: z.record(z.string(), z.tuple([z.string(), z.string()])),
});

const COARSE_NS = 2_000_000_000n; // FAT and some network file systems: whole seconds, or two
const FINE_NS = 50_000_000n; // Linux stamps files with its timer tick, at most 10 ms

/** The index of a repository, kept in `.dvc/tmp`; without a `.dvc` folder it is not kept. */
export function openStatIndex(root: string, clock: Clock): StatIndex {
  const path = join(root, ".dvc", "tmp", "duetmind-stat-index.json");
  const known = new Map(Object.entries(readIndex(path)));
  const seen = new Map<string, [string, string]>();
  let isChanged = false;

  function md5(file: string) {
    const stat = statSync(file, { bigint: true });
    const key = relative(root, file);
    const fingerprint = fingerprintOf(stat);
    const found = seen.get(key) ?? known.get(key);
    const rest = {
      sizeBytes: Number(stat.size),
      isExecutable: (stat.mode & 0o100n) !== 0n,
    };
    if (found !== undefined && found[0] === fingerprint) {
      seen.set(key, found);
      return { md5: found[1], ...rest };
    }
    const startNs = BigInt(clock.now().getTime()) * 1_000_000n;
    const { hex } = hashFile(file, "md5");
    const isSame = fingerprintOf(statSync(file, { bigint: true })) === fingerprint;
    if (isSame && isAtRest(stat, startNs)) {
      seen.set(key, [fingerprint, hex]);
      isChanged = true;
    } else {
      seen.delete(key);
      isChanged = known.delete(key) || isChanged;
    }
    return { md5: hex, ...rest };
  }

  async function save(effects: Effects): Promise<void> {
    if (!isChanged || !existsSync(join(root, ".dvc"))) return;
    const files = Object.fromEntries([...known, ...seen].sort(([a], [b]) => (a < b ? -1 : 1)));
    await publishContent(effects.files, path, JSON.stringify({ version: 1, files }));
    isChanged = false;
  }

  return { md5, save };
}

/** An index that cannot be read is an empty one. */
function readIndex(path: string): Readonly<Record<string, [string, string]>> {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch {
    return {};
  }
  try {
    return indexFile.parse(JSON.parse(text)).files;
  } catch {
    return {};
  }
}

function fingerprintOf(stat: BigIntStats): string {
  return [stat.ino, stat.size, stat.mtimeNs, stat.ctimeNs].join(" ");
}

function isAtRest(stat: BigIntStats, nowNs: bigint): boolean {
  return [stat.mtimeNs, stat.ctimeNs].every((at) => {
    const tick = at % 1_000_000_000n === 0n ? COARSE_NS : FINE_NS;
    return nowNs - at > tick;
  });
}

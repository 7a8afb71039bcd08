import { readdirSync, readFileSync, writeFileSync } from "node:fs";

/** What a process and everything it started have used, by the operating system's account. */
export type TreeUse = Readonly<{
  /** User and system time, of children that have ended as well. */
  cpuSeconds: number;
  /** Memory that is the tree's own, shared pages divided among those who share them. */
  pssMebibytes: number;
  processes: number;
}>;

const TICKS_PER_SECOND = 100;

/** Reads `/proc`: Linux only. */
export function treeUse(root: number): TreeUse {
  const tree = descendants(root);
  let [ticks, pssKibibytes] = [0, 0];
  for (const { pid, used } of tree) {
    ticks += used;
    const rollup = readOrEmpty(`/proc/${pid}/smaps_rollup`);
    pssKibibytes += Number(/^Pss:\s+(\d+)/m.exec(rollup)?.[1] ?? 0);
  }
  return {
    cpuSeconds: ticks / TICKS_PER_SECOND,
    pssMebibytes: pssKibibytes / 1024,
    processes: tree.length,
  };
}

/** Sets the peak of every process of the tree back to what it holds now, and says their sum. */
export function resetTreePeak(root: number): number {
  for (const { pid } of descendants(root)) writeFileSync(`/proc/${pid}/clear_refs`, "5");
  return treePeakMebibytes(root);
}

/** The most that each process of the tree has held since, summed: more than the tree did at once. */
export function treePeakMebibytes(root: number): number {
  const kibibytes = descendants(root).map(({ pid }) =>
    Number(/^VmHWM:\s+(\d+)/m.exec(readOrEmpty(`/proc/${pid}/status`))?.[1] ?? 0),
  );
  return kibibytes.reduce((sum, each) => sum + each, 0) / 1024;
}

type Entry = Readonly<{ pid: number; parent: number; used: number }>;

function descendants(root: number): readonly Entry[] {
  const all = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => entryOf(Number(name)));
  const found = new Set([root]);
  for (let before = 0; before !== found.size; ) {
    before = found.size;
    for (const { pid, parent } of all) if (found.has(parent)) found.add(pid);
  }
  return all.filter(({ pid }) => found.has(pid));
}

/** The fields behind the name, which may hold blanks: state, ppid, …, utime, stime, cutime, cstime. */
function entryOf(pid: number): Entry[] {
  const stat = readOrEmpty(`/proc/${pid}/stat`);
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  if (fields.length < 15) return [];
  const used = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
  return [{ pid, parent: Number(fields[1]), used }];
}

function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return ""; // it has ended meanwhile
  }
}

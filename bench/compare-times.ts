import { cpus } from "node:os";
import type { BenchCase } from "./result.ts";

export type Seconds = Readonly<{ wallSeconds: number; cpuSeconds: number }>;

/** Of all the machine's time: where other processes took more, a wall time says more of them than of us. */
export const BUSY_SHARE = 0.05;

/**
 * A case in time against a peer, by the medians of what `measure` found of both in turn. Wall time is
 * what a user waits for, and the figure held to the bar on a machine of our own; on one that others
 * load it is the ratio of CPU seconds (user and system, every thread). Both ratios are in the result.
 */
export function compareTimes(
  name: string,
  ours: readonly Seconds[],
  peer: Readonly<{ name: string; times: readonly Seconds[] }>,
  othersShare: number,
  most: number,
): BenchCase {
  const [own, other] = [medians(ours), medians(peer.times)];
  const wall = own.wallSeconds / other.wallSeconds;
  const cpu = own.cpuSeconds / other.cpuSeconds;
  const byCpu = othersShare > BUSY_SHARE;
  return {
    case: name,
    ours: { wall_seconds: own.wallSeconds, cpu_seconds: own.cpuSeconds },
    peer: { name: peer.name, wall_seconds: other.wallSeconds, cpu_seconds: other.cpuSeconds },
    ratios: { wall, cpu, held_to_bar: byCpu ? "cpu" : "wall", cpu_share_of_others: othersShare },
    figure: byCpu ? cpu : wall,
    bar: { op: "<=", value: most },
  };
}

/**
 * Starts to watch; the result tells which share of the machine's time other processes took since, but
 * those whose CPU seconds so far `alsoOurs` tells.
 */
export function watchOthers(alsoOurs: () => number = () => 0): () => number {
  const start = { ...machineSeconds(), own: process.cpuUsage(), also: alsoOurs() };
  return () => {
    const end = machineSeconds();
    const { user, system } = process.cpuUsage(start.own);
    const others = end.busy - start.busy - (user + system) / 1e6 - (alsoOurs() - start.also);
    return Math.max(0, others / (end.all - start.all));
  };
}

function machineSeconds(): Readonly<{ busy: number; all: number }> {
  let [busy, all] = [0, 0];
  for (const { times } of cpus()) {
    busy += (times.user + times.nice + times.sys + times.irq) / 1000;
    all += (times.user + times.nice + times.sys + times.irq + times.idle) / 1000;
  }
  return { busy, all };
}

function medians(times: readonly Seconds[]): Seconds {
  const middle = (values: readonly number[]) =>
    values.toSorted((a, b) => a - b)[values.length >> 1]!;
  return {
    wallSeconds: middle(times.map(({ wallSeconds }) => wallSeconds)),
    cpuSeconds: middle(times.map(({ cpuSeconds }) => cpuSeconds)),
  };
}

import type { TransferFailure } from "./transfer-failure.ts";
import type { UsedOut } from "./used-objects.ts";

/** What a push or a fetch did. */
export type TransferReport = Readonly<{
  outs: readonly UsedOut[];
  /** The outs of which something was transferred. */
  changed: ReadonlySet<UsedOut>;
  /** Objects that were transferred, runs of the run-cache included. */
  transferred: number;
  failures: readonly TransferFailure[];
}>;

/** The outs of each remote: the one that an out names, else the one that was asked for. */
export function byRemote(
  outs: readonly UsedOut[],
  remoteName: () => string,
): ReadonlyMap<string, readonly UsedOut[]> {
  const groups = new Map<string, UsedOut[]>();
  for (const out of outs) {
    const name = out.remote?.toLowerCase() ?? remoteName();
    const group = groups.get(name) ?? [];
    group.push(out);
    groups.set(name, group);
  }
  return groups;
}

import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";

/**
 * Who a process is, so that another process can tell whether it still runs. A pid alone is not
 * enough: it is given out again after a reboot, after a while, and in every container anew.
 */
export type ProcessIdentity = Readonly<{
  pid: number;
  /** Linux: the id of this boot; elsewhere the name of the machine. */
  boot: string;
  /** Linux: the pid namespace (container) that `pid` counts in; elsewhere "". */
  namespace: string;
  /** Linux: clock ticks from boot to the start of the process; elsewhere "". */
  started: string;
}>;

/** The identity of this process. */
export function ownIdentity(): ProcessIdentity {
  return {
    pid: process.pid,
    boot:
      attempt(() => readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim()) ?? hostname(),
    namespace: attempt(() => readlinkSync("/proc/self/ns/pid")) ?? "",
    started: startOf(process.pid) ?? "",
  };
}

/** The identity of a process that this one started. */
export function childIdentity(self: ProcessIdentity, pid: number): ProcessIdentity {
  return { ...self, pid, started: startOf(pid) ?? "" };
}

export type Liveness = "alive" | "dead" | "unknown";

/** Whether the process behind an identity runs; unknown when it counts in another container. */
export function livenessOf(
  other: ProcessIdentity,
  self: ProcessIdentity = ownIdentity(),
): Liveness {
  if (other.boot !== self.boot) return "dead";
  if (other.namespace !== self.namespace) return "unknown";
  if (other.started !== "" && startOf(other.pid) !== other.started) return "dead";
  try {
    process.kill(other.pid, 0);
    return "alive";
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM" ? "alive" : "dead";
  }
}

/** Field 22 of /proc/<pid>/stat; the name in field 2 may hold spaces and brackets. A zombie is gone. */
function startOf(pid: number): string | undefined {
  const stat = attempt(() => readFileSync(`/proc/${pid}/stat`, "utf8"));
  const fields = stat?.slice(stat.lastIndexOf(")") + 2).split(" ");
  return fields === undefined || fields[0] === "Z" || fields[0] === "X" ? undefined : fields[19];
}

function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined; // not Linux, or the process is gone
  }
}

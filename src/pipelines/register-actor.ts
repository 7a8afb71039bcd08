import { userInfo } from "node:os";
import type { Environment } from "../core/environment.ts";

/** Who acts: DUETMIND_ACTOR, else the user of the process. */
export function actorOf(env: Environment): string {
  const named = env["DUETMIND_ACTOR"] || env["USER"] || env["LOGNAME"];
  if (named) return named;
  try {
    return userInfo().username;
  } catch {
    return "unknown"; // a container may run under a number that has no name
  }
}

import { join, resolve } from "node:path";
import type { Environment } from "./environment.ts";

/** Where a project keeps its database and artifacts: `DUETMIND_DIR`, else `.duetmind` in its folder. */
export function stateFolder(root: string, env: Environment): string {
  const named = env["DUETMIND_DIR"];
  return named === undefined || named === "" ? join(root, ".duetmind") : resolve(root, named);
}

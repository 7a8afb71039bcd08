import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Effects } from "./effects.ts";
import type { Environment } from "./environment.ts";
import { publishContent } from "./files.ts";

/** Where a project keeps its database and artifacts: `DUETMIND_DIR`, else `.duetmind` in its folder. */
export function stateFolder(root: string, env: Environment): string {
  const named = env["DUETMIND_DIR"];
  return named === undefined || named === "" ? join(root, ".duetmind") : resolve(root, named);
}

/** Keeps a repository's own `.duetmind` out of git: one that DVC made has no line for it. */
export async function hideFromGit(root: string, effects: Effects): Promise<void> {
  const path = join(root, ".duetmind", ".gitignore");
  if (!existsSync(path)) await publishContent(effects.files, path, "*\n");
}

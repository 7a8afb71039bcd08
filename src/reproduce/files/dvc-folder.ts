import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Effects } from "../../core/effects.ts";
import { publishContent } from "../../core/files.ts";
import { hideFromGit } from "../../core/state-folder.ts";

/** Without git's rules both tools would look for stages in the hundreds of files of the database. */
const IGNORED = `# Paths that DVC shall not look at, one pattern a line, as in a .gitignore
/.duetmind/
`;

const FILES: readonly (readonly [path: string, content: string])[] = [
  [".dvc/config", "[core]\n    no_scm = True\n"],
  [".dvc/.gitignore", "/config.local\n/tmp\n/cache\n"],
  [".dvc/tmp/btime", ""],
  [".dvcignore", IGNORED],
];

/** Makes what `dvc init --no-scm` makes, where it is missing. */
export async function ensureDvcFolder(root: string, effects: Effects): Promise<void> {
  await hideFromGit(root, effects);
  if (existsSync(join(root, ".dvc", "config"))) return;
  for (const [path, content] of FILES) {
    const target = join(root, path);
    if (!existsSync(target)) await publishContent(effects.files, target, content);
  }
}

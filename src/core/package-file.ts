import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** A file of the package, in the clone and installed: the code may lie in src/ or in any chunk of dist/. */
export function packageFile(path: string): string {
  root ??= packageRoot();
  return join(root, path);
}

let root: string | undefined;

function packageRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, "package.json"))) folder = dirname(folder);
  return folder;
}

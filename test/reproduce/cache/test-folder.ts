import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** A folder for one test; a path that ends in ! names a file that may be executed. */
export function createFolder(files: Readonly<Record<string, string | Uint8Array>> = {}) {
  const folder = mkdtempSync(join(tmpdir(), "duetmind-cache-"));
  const at = (path: string) => join(folder, path);
  const write = (path: string, content: string | Uint8Array) => {
    const target = at(path.replace(/!$/, ""));
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, content);
    if (path.endsWith("!")) chmodSync(target, 0o755);
  };
  for (const [path, content] of Object.entries(files)) write(path, content);
  return {
    folder,
    at,
    write,
    /** Every file and link below a path, sorted; no folders. */
    list: (path = "."): string[] => listFiles(at(path)),
    mode: (path: string): number => lstatSync(at(path)).mode & 0o7777,
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

export type TestFolder = ReturnType<typeof createFolder>;

function listFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}

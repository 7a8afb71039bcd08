import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";

/** vitest global set-up: workers and the command run from dist/, so it must be as new as src/. */
export default function buildOnce(): void {
  const root = join(import.meta.dirname, "..", "..");
  const built = join(root, "dist", "cli", "main.js");
  if (existsSync(built) && statSync(built).mtimeMs >= newest(root, ["src", "infra/migrations", "scripts"])) return;
  const { status, stdout } = spawnSync(process.execPath, [join(root, "scripts", "build.mjs")], {
    cwd: root,
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`build: expected exit 0, got ${status}\n${stdout}`);
}

function newest(root: string, folders: readonly string[]): number {
  const times = folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: "utf8" }).map(
      (path) => statSync(join(root, folder, path)).mtimeMs,
    ),
  );
  return Math.max(...times);
}

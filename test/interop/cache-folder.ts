import { mkdirSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

/**
 * Where environments of other tools are kept between runs: outside the tree, one folder a version.
 * Root's home is closed to the account that PostgreSQL runs as, so root uses a folder all can enter.
 */
export function cacheFolder(...names: readonly string[]): string {
  const home = process.getuid?.() === 0 ? "/var/tmp" : join(homedir(), ".cache");
  const folder = join(
    process.env["DUETMIND_TEST_CACHE"] ?? join(home, "duetmind-interop"),
    ...names,
  );
  mkdirSync(folder, { recursive: true, mode: 0o755 });
  return folder;
}

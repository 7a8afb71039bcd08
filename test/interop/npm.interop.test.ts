import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { cacheFolder } from "./cache-folder.ts";

const root = join(import.meta.dirname, "..", "..");

/** Node 20 brings npm 10; newer machines have npm 11. Both must take the lock file as it is. */
function npmOf(version: string): string {
  const folder = cacheFolder("npm", version);
  const cli = join(folder, "node_modules", "npm", "bin", "npm-cli.js");
  if (!existsSync(cli)) {
    const install = ["install", "--prefix", folder, "--no-save", `npm@${version}`];
    const { status, stderr } = spawnSync("npm", install, { encoding: "utf8" });
    if (status !== 0) throw new Error(`npm@${version}: exit ${status}\n${stderr}`);
  }
  return cli;
}

test.each(["10.9.9", "11.19.1"])(
  "npm ci passes with npm %s, from the lock file alone",
  (version) => {
    const folder = mkdtempSync(join(tmpdir(), "duetmind-npm-"));
    try {
      for (const name of ["package.json", "package-lock.json", ".npmrc"]) {
        copyFileSync(join(root, name), join(folder, name));
      }
      const ci = [npmOf(version), "ci", "--prefer-offline", "--loglevel=error"];
      const { status, stderr } = spawnSync(process.execPath, ci, { cwd: folder, encoding: "utf8" });
      expect({ status, stderr }).toMatchObject({ status: 0 });
      expect(existsSync(join(folder, "node_modules", "onnxruntime-web"))).toBe(true);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
);

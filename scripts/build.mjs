// Builds dist/: the declarations, the bundled code, then what the package ships beside the code. The
// new dist/ takes the place of the old one at the end, so that a program that runs meanwhile finds its
// files. --emit-anyway goes on after type errors: the tests' own build, where types are a check of its own.
import { spawnSync } from "node:child_process";
import { renameSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { bundle } from "./bundle.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const next = `${root}dist.next`;
const emitAnyway = process.argv.includes("--emit-anyway");

function run(script, ...args) {
  return spawnSync(process.execPath, [`${root}${script}`, ...args], { stdio: "inherit", cwd: root })
    .status;
}

rmSync(next, { recursive: true, force: true });
const tsc = "node_modules/typescript/bin/tsc";
if (run(tsc, "-p", "tsconfig.build.json", "--outDir", next) !== 0 && !emitAnyway) process.exit(1);
await bundle(root, next);
if (run("scripts/build-snapshot.mjs", next) !== 0) process.exit(1);
const last = `${root}dist.last`;
rmSync(last, { recursive: true, force: true });
try {
  renameSync(`${root}dist`, last);
} catch (error) {
  if (error.code !== "ENOENT") throw error; // the first build
}
renameSync(next, `${root}dist`);
rmSync(last, { recursive: true, force: true });

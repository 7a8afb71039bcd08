// A registry may lack the packages of other platforms; npm then leaves them out of the lock file, and
// `npm ci` refuses that file later. This adds the missing optional packages by name and version, so
// that the owner of such a platform gets them. Run after every `npm install`; --check only reports.
import { readFileSync, writeFileSync } from "node:fs";

const PLATFORM = /-(android|darwin|freebsd|linux|win32)-(arm64|x64)(?:-(musl|gnu))?$/;
const path = new URL("../package-lock.json", import.meta.url);
const lock = JSON.parse(readFileSync(path, "utf8"));

const missing = {};
for (const owner of Object.values(lock.packages)) {
  for (const [name, version] of Object.entries(owner.optionalDependencies ?? {})) {
    const key = `node_modules/${name}`;
    const platform = PLATFORM.exec(name);
    if (lock.packages[key] !== undefined || platform === null || !/^\d/.test(version)) continue;
    const [, os, cpu, libc] = platform;
    missing[key] = {
      version,
      cpu: [cpu],
      ...(owner.dev === true ? { dev: true } : {}),
      ...(libc === "musl" ? { libc: ["musl"] } : {}),
      optional: true,
      os: [os],
    };
  }
}

const count = Object.keys(missing).length;
if (process.argv.includes("--check")) {
  if (count > 0) {
    console.error(`package-lock.json lacks ${count} optional packages: run npm run lock`);
    process.exit(1);
  }
} else if (count > 0) {
  const packages = { ...lock.packages, ...missing };
  const sorted = Object.fromEntries(Object.entries(packages).sort(([a], [b]) => (a < b ? -1 : 1)));
  writeFileSync(path, `${JSON.stringify({ ...lock, packages: sorted }, null, 2)}\n`);
  console.log(`package-lock.json: added ${count} optional packages of other platforms`);
}

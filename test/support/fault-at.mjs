import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";

/**
 * Loaded before a program (`node --import`): its nth change of the disk, counted from 1, does not happen.
 * `FAULT=kill` ends the program by kill -9 there, `FAULT=full` fails it as on a full disk, and so every
 * later one that needs room. A program that makes fewer changes says so on stderr.
 */
const at = Number(process.env["FAULT_AT"]);
const isKill = process.env["FAULT"] === "kill";
const NEED_ROOM = [
  "writeSync",
  "writeFileSync",
  "writeFile",
  "mkdirSync",
  "copyFileSync",
  "linkSync",
  "symlinkSync",
];
const OTHERS = [
  "renameSync",
  "rename",
  "unlinkSync",
  "rmSync",
  "rm",
  "rmdirSync",
  "chmodSync",
  "utimesSync",
];

let count = 0;
process.on("exit", () => {
  if (count < at) process.stderr.write("fault not reached\n");
});

function intercept(target, name) {
  const real = target[name];
  const needsRoom = NEED_ROOM.includes(name);
  target[name] = (...args) => {
    const isOurs = !(name === "writeSync" && args[0] <= 2); // what is printed goes to no disk
    if (isOurs && (isKill || needsRoom)) count += 1;
    if (isOurs && isKill && count === at) process.kill(process.pid, "SIGKILL");
    if (isOurs && !isKill && needsRoom && count >= at) {
      const error = Object.assign(new Error(`ENOSPC: no space left on device, ${name}`), {
        code: "ENOSPC",
      });
      if (target === fs) throw error;
      return Promise.reject(error);
    }
    return real.apply(target, args);
  };
}

for (const name of [...NEED_ROOM, ...OTHERS]) {
  const target = name.endsWith("Sync") ? fs : fs.promises;
  intercept(target, name);
}
syncBuiltinESMExports();

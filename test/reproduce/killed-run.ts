import { realEffects } from "../../src/core/effects.ts";
import { createProject } from "./project.ts";

/** `killed-run.ts FOLDER N before|after`: reproduce that ends by kill -9 at its nth published file. */
const [folder, count, when] = process.argv.slice(2) as [string, string, string];
let left = Number(count);
const project = createProject({}, folder);
await project.run(
  { jobs: 1 },
  {
    ...realEffects,
    files: {
      ...realEffects.files,
      async publish(path, write) {
        left -= 1;
        if (left === 0 && when === "before") process.kill(process.pid, "SIGKILL");
        const result = await realEffects.files.publish(path, write);
        if (left === 0) process.kill(process.pid, "SIGKILL");
        return result;
      },
    },
  },
);

import { realEffects } from "../../src/core/effects.ts";
import { sourceParams } from "../../src/sources/params.ts";
import { syncSource } from "../../src/sources/sync-source.ts";
import { openEngine } from "../../src/table/engine.ts";

/** Fetches one source in a process of its own and prints its peak RSS in MB: `tsx fetch-in-process.ts ROOT PARAMS`. */
const [, , root, params] = process.argv;
const engine = await openEngine();
await syncSource(
  {
    name: "t",
    params: sourceParams.parse(JSON.parse(params!)),
    root: root!,
    env: process.env,
    engine,
    folder: `${root}/t`,
    since: null,
    sinceColumn: null,
  },
  realEffects,
);
engine.close();
process.stdout.write(String(process.resourceUsage().maxRSS / 1024));

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { realEffects } from "../../src/core/effects.ts";
import type { Environment } from "../../src/core/environment.ts";
import { type Files, nodeFiles } from "../../src/core/files.ts";
import type { Progress } from "../../src/core/progress.ts";
import { sourceParams } from "../../src/sources/params.ts";
import { type SyncedSource, syncSource } from "../../src/sources/sync-source.ts";
import { heldClock } from "../support/held-clock.ts";
import { scratchEngine, scratchFolder } from "../table/scratch.ts";

type Options = Readonly<{
  /** Of the source beside `http`. */
  read?: Readonly<Record<string, unknown>>;
  env?: Environment;
  files?: Files;
}>;

/** A source over HTTP in a folder of its own, that can be synced again and again on a held clock. */
export async function httpSource(
  http: unknown,
  { read = {}, env = {}, files = nodeFiles }: Options = {},
) {
  const params = sourceParams.parse({ http, ...read });
  const root = scratchFolder();
  const folder = join(root, ".duetmind/sources/visits");
  const engine = await scratchEngine();
  const clock = heldClock("2026-03-01T00:00:00Z");
  const notes: string[] = [];
  const controller = new AbortController();
  const progress: Progress = {
    start: (label) => ({ advance: () => {}, done: (text) => notes.push(`${label}: ${text}`) }),
    note: (line) => notes.push(line),
  };
  const effects = { ...realEffects, clock, files, progress, signal: controller.signal };
  const sync = (since: string | null = null): Promise<SyncedSource> =>
    syncSource(
      { name: "visits", params, root, env, engine, folder, since, sinceColumn: since && "updated" },
      effects,
    );
  return {
    ...{ root, folder, engine, clock, notes, sync },
    abort: () => controller.abort(),
    /** What is in its folder. */
    names: () => readdirSync(folder).sort(),
    /** The rows of a fetch, parsed. */
    async rows(since: string | null = null): Promise<unknown[]> {
      const { files } = await sync(since);
      return files.flatMap(({ path }) =>
        readFileSync(path, "utf8")
          .split("\n")
          .filter((line) => line !== "")
          .map((line) => JSON.parse(line) as unknown),
      );
    },
  };
}

/** Params that never try twice, for tests of what one attempt says. */
export const ONCE = { retry: { attempts: 1 } } as const;

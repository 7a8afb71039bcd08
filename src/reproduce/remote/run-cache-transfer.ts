import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fromWriteError } from "../../core/errors.ts";
import { makeFolder } from "../../core/make-folder.ts";
import type { HasCache } from "../cache/object-cache.ts";
import { inParallel } from "./in-parallel.ts";
import type { RemoteStore } from "./remote-store.ts";

/** `runs/<k[0:2]>/<k>/<v>`: nothing else in that folder is a run. */
const RUN = /^runs\/[0-9a-f]{2}\/[0-9a-f]{64}\/[0-9a-f]{64}$/;

/** Sends the runs of the run-cache that a remote lacks, and says how many. */
export async function pushRuns(cache: HasCache, remote: RemoteStore): Promise<number> {
  const there = await remoteRuns(remote);
  const lacking = localRuns(cache).filter((key) => !there.has(key));
  await inParallel(lacking, remote.jobs, async (key) => {
    await remote.send(join(cache.cacheFolder, key), key, null);
  });
  return lacking.length;
}

/** Brings the runs that are not here, and says how many. */
export async function fetchRuns(cache: HasCache, remote: RemoteStore): Promise<number> {
  const here = new Set(localRuns(cache));
  const lacking = [...(await remoteRuns(remote))].filter((key) => !here.has(key));
  let fetched = 0;
  await inParallel(lacking, remote.jobs, async (key) => {
    if (await receiveRun(key, cache, remote)) fetched += 1;
  });
  return fetched;
}

async function receiveRun(key: string, cache: HasCache, remote: RemoteStore): Promise<boolean> {
  const path = join(cache.cacheFolder, key);
  const temporary = join(cache.cacheFolder, "runs", `.${randomBytes(8).toString("hex")}.tmp`);
  try {
    makeFolder(dirname(temporary));
    if ((await remote.receive(key, temporary)) === null) return false;
    mkdirSync(dirname(path), { recursive: true });
    renameSync(temporary, path);
    return true;
  } catch (error) {
    throw fromWriteError(error, path);
  } finally {
    rmSync(temporary, { force: true });
  }
}

async function remoteRuns(remote: RemoteStore): Promise<ReadonlySet<string>> {
  const keys = new Set<string>();
  for await (const { key } of remote.list("runs")) if (RUN.test(key)) keys.add(key);
  return keys;
}

function localRuns({ cacheFolder }: HasCache): readonly string[] {
  const folder = join(cacheFolder, "runs");
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((path) => `runs/${path}`)
    .filter((key) => RUN.test(key));
}

import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fromWriteError } from "../../core/errors.ts";
import type { Stage } from "../pipeline/stage.ts";
import { isCallback } from "../pipeline/stage.ts";
import { pythonJson } from "../values/python-text.ts";
import { readValues } from "../values/read-values.ts";
import { isValueList, isValueMap, type Value, type ValueMap } from "../values/value.ts";
import { writeValues } from "../values/write-values.ts";

/**
 * DVC's run-cache: what each run of a command made of the same deps and params, whatever the stage was
 * called. `runs/<k[0:2]>/<k>/<v>` holds the lock entry of the run; k is the sha256 of that entry with
 * the paths alone of its outs, v of the whole; neither counts sizes. So:
 *
 *     cmd: cp in out     in: md5 b026…            -> k  32dfc5…
 *                        in: md5 b026…, out: b026… -> v  0bcc25…
 */

const NOT_HASHED = new Set(["size", "nfiles"]);

export function runKey(entry: ValueMap): string {
  const outs = entry.get("outs");
  const paths = isValueList(outs) ? outs.map(pathOf) : [];
  return sha256(new Map(entry).set("outs", paths));
}

export function runValue(entry: ValueMap): string {
  return sha256(entry);
}

function pathOf(out: Value): Value {
  return isValueMap(out) ? (out.get("path") ?? null) : null;
}

function sha256(entry: Value): string {
  return createHash("sha256")
    .update(pythonJson(withoutSizes(entry)))
    .digest("hex");
}

function withoutSizes(value: Value): Value {
  if (isValueList(value)) return value.map(withoutSizes);
  if (!isValueMap(value)) return value;
  const kept = [...value].filter(([key]) => !NOT_HASHED.has(String(key)));
  return new Map(kept.map(([key, item]) => [key, withoutSizes(item)]));
}

/** True for a stage whose runs may be looked up: one that does the same for the same inputs. */
export function hasRunCache(stage: Stage, isInRepository: (path: string) => boolean): boolean {
  if (isCallback(stage) || stage.isAlwaysChanged) return false;
  if (stage.deps.length + stage.params.length === 0 || stage.outs.length === 0) return false;
  return stage.outs.every(({ path, isPersistent }) => !isPersistent && isInRepository(path));
}

/** True when a run of the stage is saved: a plain out that is not cached could not be brought back. */
export function savesRuns(stage: Stage): boolean {
  return stage.outs.every(({ isCached, kind }) => isCached || kind !== "out");
}

/** Keeps the entry of a run; one that is there already stays as it is. */
export async function saveRun(folder: string, entry: ValueMap): Promise<void> {
  const key = runKey(entry);
  const path = join(folder, key.slice(0, 2), key, runValue(entry));
  if (existsSync(path)) return;
  // Not synced: a run that is lost with the power is run again, a torn one is thrown away when read.
  const temporary = join(folder, key.slice(0, 2), key, `.${process.pid}.tmp`);
  try {
    mkdirSync(join(folder, key.slice(0, 2), key), { recursive: true });
    await writeFile(temporary, writeValues(entry));
    await rename(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw fromWriteError(error, path);
  }
}

export type CachedOut = Readonly<{ path: string; md5: string; isExecutable: boolean }>;

/** What a run was given and made. */
export type CachedRun = Readonly<{ params: Value; outs: readonly CachedOut[] }>;

/** The runs of a key, the newest first. An entry that cannot be read is removed. */
export function* findRuns(folder: string, key: string): Generator<CachedRun> {
  const place = join(folder, key.slice(0, 2), key);
  if (!existsSync(place)) return;
  const entries = readdirSync(place)
    .filter((name) => /^[0-9a-f]{64}$/.test(name))
    .map((name) => ({ path: join(place, name), mtimeMs: statSync(join(place, name)).mtimeMs }))
    .sort((a, b) => b.mtimeMs - a.mtimeMs);
  for (const { path } of entries) {
    const run = readRun(path);
    if (run === undefined) rmSync(path, { force: true });
    else yield run;
  }
}

function readRun(path: string): CachedRun | undefined {
  let entry: Value;
  try {
    entry = readValues(readFileSync(path, "utf8"), path, "BAD_INPUT");
  } catch {
    return undefined;
  }
  const list = isValueMap(entry) ? entry.get("outs") : undefined;
  if (!isValueList(list)) return undefined;
  const outs = list.flatMap((item): CachedOut[] => {
    const [path, md5] = isValueMap(item) ? [item.get("path"), item.get("md5")] : [];
    if (typeof path !== "string" || typeof md5 !== "string" || !isValueMap(item)) return [];
    return [{ path, md5, isExecutable: item.get("isexec") === true }];
  });
  if (outs.length !== list.length || !isValueMap(entry)) return undefined;
  return { params: entry.get("params") ?? null, outs };
}

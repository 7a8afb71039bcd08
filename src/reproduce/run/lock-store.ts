import { existsSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import type { Effects } from "../../core/effects.ts";
import { publishContent, removeLeftovers } from "../../core/files.ts";
import { digestBytes } from "../../core/hash.ts";
import { lockPath } from "../files/lock-file.ts";
import { entryText, findEntryText, putEntries } from "../files/lock-text.ts";
import type { PipelineStage } from "../pipeline/stage.ts";
import type { ValueMap } from "../values/value.ts";
import { endOrphans, findLeftovers, type Journal } from "./journal.ts";
import { liveClaims, underClaimsLock } from "./path-claims.ts";

/**
 * The dvc.lock files that a run changes. New entries go to the journal as stages end, and into the
 * files in the order of the serial run, whichever ended first: so the files are those of the serial run,
 * byte for byte. They are written once at the end, and before it only as often as that costs little.
 */
export type LockStore = Readonly<{
  /** Puts in the entry of a stage that is done; `order` is its place in the serial run. */
  put(stage: PipelineStage, order: number, entry: ValueMap): Promise<void>;
  /** Writes what is not yet written. */
  save(): Promise<void>;
  isChanged(): boolean;
}>;

type Changed = {
  path: string;
  find: (entry: string) => string | undefined;
  entries: Map<string, Readonly<{ order: number; text: string }>>;
  isSaved: boolean;
};

const REST_MS = 1_000;
/** Of the time that passes, the share that writing may take. */
const COST = 20;

export function openLockStore(root: string, journal: Journal, effects: Effects): LockStore {
  const files = new Map<string, Changed>();
  let savedMs = effects.clock.now().getTime();
  let tookMs = 0;

  function open(path: string): Changed {
    const known = files.get(path);
    if (known !== undefined) return known;
    const text = readText(path);
    const file = { path, find: findEntryText(text), entries: new Map(), isSaved: true };
    files.set(path, file);
    return file;
  }

  async function saveFile(file: Changed): Promise<void> {
    await underClaimsLock(root, effects, async () => {
      file.isSaved = true; // at first: an entry that is put while these are written waits for the next time
      try {
        const inOrder = [...file.entries.values()].sort((a, b) => a.order - b.order);
        // another run may have put in entries of its own stages meanwhile; of our own, one that was saved
        // while an earlier stage still ran moves behind that
        const text = putEntries(
          readText(file.path),
          inOrder.map((entry) => entry.text),
          (entry) => file.find(entry) === undefined,
        );
        await publishContent(effects.files, file.path, text);
        journal.wrote(relative(root, file.path), digestBytes(text));
      } catch (error) {
        file.isSaved = false;
        throw error;
      }
    });
  }

  async function save(): Promise<void> {
    const startMs = effects.clock.now().getTime();
    for (const file of files.values()) if (!file.isSaved) await saveFile(file);
    savedMs = effects.clock.now().getTime();
    tookMs = savedMs - startMs;
  }

  return {
    async put(stage, order, entry) {
      const file = open(lockPath(stage));
      const text = entryText(stage.name, entry);
      if (file.find(text) === text) return;
      const lock = relative(root, file.path);
      if (file.entries.size === 0) journal.wrote(lock, digestBytes(readText(file.path)));
      journal.done({ lock, order, entry: text });
      file.entries.set(stage.name, { order, text });
      file.isSaved = false;
      const restedMs = effects.clock.now().getTime() - savedMs;
      if (restedMs > Math.max(REST_MS, COST * tookMs)) await save();
    },
    save,
    isChanged: () => [...files.values()].some(({ entries }) => entries.size > 0),
  };
}

/** Finishes what a killed run left: ends its shells, and puts the entries of its stages into the lock. */
export async function finishKilledRuns(root: string, effects: Effects): Promise<void> {
  await underClaimsLock(root, effects, async () => {
    const live = liveClaims(root, effects.clock.now());
    for (const leftover of findLeftovers(root, live)) {
      for (const { stage, process } of leftover.orphans) {
        effects.progress.note(`ending process ${process.pid} of ${stage}, left by a killed run`);
      }
      await endOrphans(leftover);
      for (const [lock, { bases, entries }] of leftover.locks) {
        const path = join(root, lock);
        removeLeftovers(path);
        const text = readText(path);
        // a lock that somebody changed since then knows better
        if (entries.length === 0 || !bases.has(digestBytes(text))) continue;
        await publishContent(effects.files, path, putEntries(text, entries));
      }
      leftover.remove();
    }
  });
}

function readText(path: string): string {
  return existsSync(path) ? readFileSync(path, "utf8") : "";
}

import { closeSync, existsSync, fsyncSync, openSync, readdirSync } from "node:fs";
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { Files } from "../core/files.ts";

/**
 * Puts a folder of files in the place of another. The new folder is written beside it, whole and
 * synced, before two renames swap them, so whoever kills the process finds the old folder or the new
 * one. Between the two renames neither is in place: `restoreFolder` undoes that at the next start.
 */
export async function publishFolder(
  files: Files,
  folder: string,
  content: Readonly<Record<string, Uint8Array>>,
): Promise<void> {
  const aside = asideOf(folder);
  let moved = false;
  try {
    await files.publish(folder, async (temporary) => {
      for (const [path, bytes] of Object.entries(content)) {
        const target = join(temporary, path);
        await mkdir(dirname(target), { recursive: true });
        await writeFile(target, bytes);
        syncFile(target);
      }
      await rm(aside, { recursive: true, force: true });
      if (existsSync(folder)) {
        await rename(folder, aside);
        moved = true;
      }
    });
  } catch (error) {
    if (moved) await rename(aside, folder);
    throw error;
  }
  await rm(aside, { recursive: true, force: true });
}

/** Brings back the folder that a killed `publishFolder` had moved aside, and clears what it left. */
export async function restoreFolder(folder: string): Promise<void> {
  const aside = asideOf(folder);
  if (existsSync(aside)) {
    if (existsSync(folder)) await rm(aside, { recursive: true, force: true });
    else await rename(aside, folder);
  }
  if (!existsSync(dirname(folder))) return;
  const prefix = `.${basename(folder)}.`;
  for (const name of readdirSync(dirname(folder))) {
    const isUnfinished =
      name.startsWith(prefix) && /^[0-9a-f]{12}\.tmp$/.test(name.slice(prefix.length));
    if (isUnfinished) await rm(join(dirname(folder), name), { recursive: true, force: true });
  }
}

function asideOf(folder: string): string {
  return join(dirname(folder), `.${basename(folder)}.old`);
}

function syncFile(path: string): void {
  const fd = openSync(path, "r");
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { makeFolder } from "../core/make-folder.ts";

/** A dump in the backup folder; its name says when it was taken. */
export type BackupFile = Readonly<{ path: string; takenAt: Date }>;

/** A day's work is kept three times over. */
const KEPT = 3;

const NAME = /^(\d{4}-\d{2}-\d{2})T(\d{2})-(\d{2})-(\d{2})\.(\d{3})Z\.dump\.gz$/;

/** The dumps of a project, the newest first. */
export function listBackups(folder: string): BackupFile[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .flatMap((name) => {
      const match = NAME.exec(name);
      if (match === null) return [];
      const [, date, ...time] = match;
      const iso = `${date}T${time.slice(0, 3).join(":")}.${time[3]}Z`;
      return [{ path: join(folder, name), takenAt: new Date(iso) }];
    })
    .sort((a, b) => b.takenAt.getTime() - a.takenAt.getTime());
}

/** The path of a dump that is taken now, in a folder that is there for this user alone. */
export function newBackupPath(folder: string, now: Date): string {
  makeFolder(folder, 0o700);
  return join(folder, `${now.toISOString().replaceAll(":", "-")}.dump.gz`);
}

/** Removes all but the newest dumps, and what killed runs left half written. */
export function tidyBackups(folder: string): void {
  for (const { path } of listBackups(folder).slice(KEPT)) rmSync(path, { force: true });
  for (const name of readdirSync(folder)) {
    if (name.startsWith(".") && name.endsWith(".tmp")) rmSync(join(folder, name), { force: true });
  }
}

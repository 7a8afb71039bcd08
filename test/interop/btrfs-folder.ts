import { spawnSync } from "node:child_process";
import { mkdirSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { atEnd, temporaryFolder } from "../support/database.ts";
import { debianMissing } from "./debian-package.ts";

export type BtrfsFolder = Readonly<{ folder: string } | { missing: string }>;

/** A folder of a file system whose files can share blocks: an image that is mounted until the file ends. */
export function btrfsFolder(bytes: number): BtrfsFolder {
  const missing = debianMissing("mkfs.btrfs", ["--version"], "btrfs-progs");
  if (missing !== undefined) return { missing };
  const root = temporaryFolder();
  const [image, folder] = [join(root, "image"), join(root, "mounted")];
  writeFileSync(image, "");
  truncateSync(image, bytes);
  mkdirSync(folder);
  const wrong =
    failureOf("mkfs.btrfs", "-q", image) ?? failureOf("mount", "-o", "loop", image, folder);
  if (wrong !== undefined) return { missing: wrong };
  atEnd(() => {
    const left = failureOf("umount", "--lazy", folder);
    if (left !== undefined) throw new Error(left);
    rmSync(root, { recursive: true, force: true });
  });
  return { folder };
}

function failureOf(command: string, ...argv: readonly string[]): string | undefined {
  const { status, stderr, error } = spawnSync(command, argv, {
    ...{ encoding: "utf8", timeout: 30_000 },
  });
  return status === 0 ? undefined : `${command}: ${error ?? stderr}`.trim().replaceAll("\n", " ");
}

import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { appendFileSync, mkdirSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { btrfsFolder } from "./btrfs-folder.ts";
import { duetmind, dvc } from "./dvc-command.ts";

/** On Btrfs: what is added and checked out shares the blocks of the cache, as `reflink` promises. */
const BYTES = 64_000_000;
const btrfs = btrfsFolder(600_000_000);
const missing = "missing" in btrfs ? btrfs.missing : undefined;

describe.skipIf(missing !== undefined)(
  `reflink on Btrfs${missing === undefined ? "" : `: skipped, ${missing}`}`,
  () => {
    const folder = "folder" in btrfs ? join(btrfs.folder, "project") : "";

    /** Bytes that are taken on the disk when all is written. */
    function usedBytes(): number {
      spawnSync("sync", ["-f", folder]);
      const { blocks, bfree, bsize } = statfsSync(folder);
      return (blocks - bfree) * bsize;
    }

    test("adding and restoring copies nothing, and a change leaves the object alone", () => {
      mkdirSync(join(folder, "many"), { recursive: true });
      dvc(folder, "init", "--no-scm");
      writeFileSync(join(folder, "large.bin"), randomBytes(BYTES));
      for (let i = 0; i < 100; i++) writeFileSync(join(folder, `many/${i}`), randomBytes(100_000));
      const before = usedBytes();

      duetmind(folder, "add", "large.bin", "many");
      expect(usedBytes() - before).toBeLessThan(BYTES / 20);
      expect(dvc(folder, "status")).toContain("up to date");

      for (const name of ["large.bin", "many"]) rmSync(join(folder, name), { recursive: true });
      duetmind(folder, "checkout");
      expect(usedBytes() - before).toBeLessThan(BYTES / 20);
      expect(dvc(folder, "status")).toContain("up to date");

      appendFileSync(join(folder, "large.bin"), "more");
      expect(duetmind(folder, "status")).toContain("modified:           large.bin");
      duetmind(folder, "checkout", "--force");
      expect(dvc(folder, "status")).toContain("up to date");
    }, 120_000);
  },
);

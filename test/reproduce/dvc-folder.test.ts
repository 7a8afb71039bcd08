import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { realEffects } from "../../src/core/effects.ts";
import { ensureDvcFolder } from "../../src/reproduce/files/dvc-folder.ts";
import { openRepository } from "../../src/reproduce/files/repository.ts";
import { collectStages } from "../../src/reproduce/pipeline/collect.ts";

let root = "";
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "duetmind-dvc-folder-"));
});
afterEach(() => rmSync(root, { recursive: true }));

test("in a repository of our making nobody looks for stages among the files of the database", async () => {
  await ensureDvcFolder(root, realEffects);
  for (const folder of ["data", ".duetmind/db"]) {
    mkdirSync(join(root, folder), { recursive: true });
    writeFileSync(join(root, folder, "x.dvc"), "outs:\n- path: x\n");
  }
  const repository = await openRepository(root, {}, realEffects);
  const stages = await collectStages(repository, realEffects);
  expect(stages.map(({ address }) => address)).toEqual(["data/x.dvc"]);
});

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { realEffects } from "../../src/core/effects.ts";
import { type Files, nodeFiles } from "../../src/core/files.ts";
import type { PipelineStage } from "../../src/reproduce/pipeline/stage.ts";
import { openJournal } from "../../src/reproduce/run/journal.ts";
import { openLockStore } from "../../src/reproduce/run/lock-store.ts";
import { createProject } from "./project.ts";

test("a lock that was saved while an earlier stage still ran ends in the order of the serial run", async () => {
  const stage = (name: string) => `  ${name}:\n    cmd: echo ${name}\n`;
  const project = createProject({ "dvc.lock": `schema: '2.0'\nstages:\n${stage("known")}` });
  const { folder } = project;
  mkdirSync(join(folder, ".duetmind"), { recursive: true });
  const journal = openJournal(folder, "1");
  const store = openLockStore(folder, journal, realEffects);
  const put = (name: string, order: number) =>
    store.put(
      { name, file: join(folder, "dvc.yaml"), folder } as PipelineStage,
      order,
      new Map([["cmd", `echo ${name}`]]),
    );
  await put("third", 3);
  await store.save();
  const other = project.read("dvc.lock") + stage("other");
  writeFileSync(join(folder, "dvc.lock"), other);
  await put("first", 1);
  await put("second", 2);
  await store.save();
  const names = [...project.read("dvc.lock").matchAll(/^ {2}(\w+):/gm)].map(([, name]) => name);
  expect(names).toEqual(["known", "other", "first", "second", "third"]);
  journal.end();
  project.remove();
});

test("what ends while the lock is being written is written too", async () => {
  const project = createProject({});
  const { folder } = project;
  mkdirSync(join(folder, ".duetmind"), { recursive: true });
  const journal = openJournal(folder, "1");
  const put = (name: string, order: number) =>
    store.put(
      { name, file: join(folder, "dvc.yaml"), folder } as PipelineStage,
      order,
      new Map([["cmd", `echo ${name}`]]),
    );
  let isFirst = true;
  const files: Files = {
    ...nodeFiles,
    async publish(path, write) {
      const published = await nodeFiles.publish(path, write);
      if (isFirst) {
        isFirst = false;
        await put("late", 2);
      }
      return published;
    },
  };
  const store = openLockStore(folder, journal, { ...realEffects, files });
  await put("early", 1);
  await store.save();
  await store.save();
  const names = [...project.read("dvc.lock").matchAll(/^ {2}(\w+):/gm)].map(([, name]) => name);
  expect(names).toEqual(["early", "late"]);
  journal.end();
  project.remove();
});

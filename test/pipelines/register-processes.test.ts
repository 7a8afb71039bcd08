import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { testDatabaseEnv } from "../support/database.ts";
import { projectWithRecords } from "./register-project.ts";

const run = promisify(execFile);
const REPOSITORY = join(import.meta.dirname, "..", "..");

test("two processes that register one project at once make each version once", async () => {
  const databaseEnv = await testDatabaseEnv();
  const project = projectWithRecords(databaseEnv);
  const duetmind = async (...args: string[]) => {
    const command = [join(REPOSITORY, "src/cli/main.ts"), ...args, "--json"];
    const { stdout } = await run(join(REPOSITORY, "node_modules/.bin/tsx"), command, {
      cwd: project.root,
      env: { ...process.env, ...databaseEnv },
    });
    return JSON.parse(stdout);
  };
  const both = await Promise.all([duetmind("register"), duetmind("register")]);
  const imported = both.flatMap(({ records }) =>
    records.map((record: { imported: boolean }) => record.imported),
  );
  expect(imported.filter(Boolean)).toHaveLength(3);
  const { models } = await duetmind("models");
  expect(models).toMatchObject([{ name: "risk", version: 1, status: "staging" }]);
  const { datasets } = await duetmind("datasets");
  expect(datasets.map((d: { name: string; version: number }) => `${d.name}@${d.version}`)).toEqual([
    "patients@1",
    "risk.features@1",
    "risk.labels@1",
    "risk.split@1",
  ]);
});

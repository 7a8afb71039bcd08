import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runIn } from "../support/run-cli.ts";

const folder = mkdtempSync(join(tmpdir(), "duetmind-cli-data-alone-"));
const run = (...argv: readonly string[]) => runIn(folder, argv);

beforeAll(() => {
  mkdirSync(join(folder, "contracts"));
  writeFileSync(join(folder, "contracts/visits.yaml"), "columns: {age: {dtype: int64}}\n");
  writeFileSync(join(folder, "visits.csv"), "id,age\n1,30\n2,40\n");
  writeFileSync(
    join(folder, "params.yaml"),
    "sources: {visits: {path: visits.csv}}\ncontracts: {raw: {visits: contracts/visits.yaml}}\nquality: {minimum_score: 0.1}\n",
  );
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("sources, contracts and a quality gate are all that data needs: no feature, no model", {
  timeout: 240_000,
}, async () => {
  expect((await run("validate", "--json")).json()).toMatchObject({ valid: true });
  expect((await run("data", "--json")).json()).toMatchObject({
    changed: true,
    runs: [{ dataset: "visits", rows_read: 2 }],
  });
  expect((await run("validate", "--json")).json()).toMatchObject({
    valid: true,
    reports: [{ schema: "visits", row_count: 2 }],
  });
  expect((await run("data")).stdout).toMatch(/\nNext: duetmind profile visits\n$/);
  expect((await run("profile", "visits", "--json")).exitCode).toBe(0);
  expect((await run("datasets", "show", "visits", "--json")).exitCode).toBe(0);
  for (const command of ["datasets", "models", "config", "register"]) {
    expect(await run(command, "--json")).toMatchObject({ exitCode: 0 });
  }
});

test.each(["features", "train"])("%s says which section it misses", async (command) => {
  expect((await run(command, "--json")).json()).toMatchObject({
    error: {
      code: "CONFIG_INVALID",
      message: "params.yaml: features: expected this section, got none",
      path: "features",
      hint: expect.stringContaining("features: and model:"),
    },
  });
});

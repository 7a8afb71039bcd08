import { beforeAll, expect, test } from "vitest";
import { runCli } from "../../src/cli/run.ts";
import { realEffects } from "../../src/core/effects.ts";
import type { Project } from "../../src/pipelines/project.ts";
import { registerRecords } from "../../src/pipelines/register-records.ts";
import { testDatabaseEnv } from "../support/database.ts";
import { projectWithRecords, writeStages } from "./register-project.ts";

let project: Project;
beforeAll(async () => {
  project = projectWithRecords(await testDatabaseEnv());
  await registerRecords(project, realEffects);
  writeStages(project, { train: "second", status: "rejected" });
});

async function duetmind(of: Project, ...argv: string[]) {
  const printed = { stdout: "", stderr: "" };
  const output = (name: keyof typeof printed) => ({
    write: (text: string) => {
      printed[name] += text;
    },
  });
  const exit = await runCli({
    argv,
    env: of.env,
    cwd: of.root,
    stdout: output("stdout"),
    stderr: output("stderr"),
  });
  return { exit, ...printed };
}

async function json(of: Project, ...argv: string[]) {
  const { exit, stdout } = await duetmind(of, ...argv, "--json");
  return { exit, document: JSON.parse(stdout) };
}

test("register imports what is new and says what was there already", async () => {
  const first = await json(project, "register");
  expect(first.exit).toBe(0);
  expect(first.document).toMatchObject({
    schema_version: 1,
    records: [
      { stage: "data", path: "data/raw/data.record.json", imported: false },
      { stage: "features", imported: false },
      {
        stage: "train",
        imported: true,
        registered: [{ name: "risk", version: 2, status: "rejected" }],
      },
    ],
  });
  const { stdout } = await duetmind(project, "register");
  expect(stdout).toMatch(/train +model +risk@2 +rejected +there already/);
  expect(stdout).not.toContain("new");
});

test("models lists versions, newest first, with the decision and its reasons", async () => {
  const { document } = await json(project, "models", "risk");
  expect(document.schema_version).toBe(1);
  expect(document.models).toMatchObject([
    {
      name: "risk",
      version: 2,
      status: "rejected",
      reasons: ["accuracy 0.9 < 0.95"],
      metrics: { accuracy: 0.9 },
    },
    { name: "risk", version: 1, status: "staging", reasons: [] },
  ]);
  const { stdout } = await duetmind(project, "models");
  expect(stdout).toMatch(/^model +status +accuracy +registered +why\nrisk@2 +rejected +0\.9000 /);
});

test("show prints the card: lineage, intervals, decision, artifacts", async () => {
  const { document } = await json(project, "show", "risk@2");
  expect(document).toMatchObject({
    schema_version: 1,
    model: "risk",
    version: 2,
    status: "rejected",
    lineage: {
      datasets: [{ name: "patients" }],
      feature_view: { name: "risk" },
      run: { user: "ann" },
    },
  });
  const { stdout } = await duetmind(project, "show", "risk@2");
  expect(stdout).toContain("risk@2  rejected\n  accuracy 0.9 < 0.95\n");
  expect(stdout).toMatch(/dataset +patients@1 +3 rows +sha256:/);
  expect(stdout).toMatch(
    /accuracy +0\.9100 \[0\.8500, 0\.9500\] +0\.9000 \[0\.8500, 0\.9500\] +0\.6000/,
  );
  expect(stdout).toMatch(/model\.onnx +15 +sha256:/);
});

test("datasets lists raw and processed versions with their quality", async () => {
  const { document } = await json(project, "datasets");
  expect(document.datasets[0]).toMatchObject({
    name: "patients",
    version: 1,
    kind: "raw",
    quality_score: 0.8,
  });
  const { stdout } = await duetmind(project, "datasets");
  expect(stdout).toMatch(/patients@1 +raw +3 +2 +0\.8000/);
});

test("what is not registered: one document, exit 2, the nearest name", async () => {
  for (const argv of [
    ["models", "rsik"],
    ["show", "rsik"],
    ["verify", "rsik"],
  ]) {
    const { exit, document } = await json(project, ...argv);
    expect(exit).toBe(2);
    expect(document).toEqual({
      error: {
        code: "NOT_FOUND",
        message: "model rsik: expected a registered model, got none",
        hint: 'did you mean "risk"?',
      },
    });
  }
  const { exit, document } = await json(project, "show", "risk@x");
  expect([exit, document.error.code]).toEqual([2, "USAGE"]);
});

test("with nothing registered, the lists name the next command", async () => {
  const empty = { ...projectWithRecords(), env: await testDatabaseEnv() };
  expect((await duetmind(empty, "models")).stdout).toContain("next: duetmind reproduce");
  expect((await duetmind(empty, "datasets")).stdout).toContain("next: duetmind data");
});

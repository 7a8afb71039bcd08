import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { realEffects } from "../../src/core/effects.ts";
import { loadServerProject } from "../../src/pipelines/server-project.ts";
import { scratchFolder } from "../table/scratch.ts";

test("the environment sets what a folder without params.yaml remembers, and how", async () => {
  const root = scratchFolder();
  writeFileSync(join(root, ".env"), "DATABASE_URL=postgres://of-another-program\n");
  const env = { DUETMIND_MEMORY__REDACTION: "clinical", DUETMIND_DATABASE__POOL_SIZE: "3" };
  const project = await loadServerProject(root, env, realEffects);
  expect(project).toMatchObject({ root, env, memory: { redaction: "clinical", agent: "default" } });
  expect(project.database.pool_size).toBe(3);
  expect(project.env).not.toHaveProperty("DATABASE_URL");
  const wrong = { DUETMIND_MEMORY__REDACTION: "clinicl" };
  await expect(loadServerProject(root, wrong, realEffects)).rejects.toMatchObject({
    code: "CONFIG_INVALID",
  });
});

test("a params.yaml needs no section of a pipeline to serve and to remember", async () => {
  const root = scratchFolder();
  writeFileSync(join(root, "params.yaml"), "memory: {redaction: clinical, tenant: clinic}\n");
  writeFileSync(join(root, ".env"), "DUETMIND_MEMORY__AGENT=nurse\n");
  const { memory } = await loadServerProject(root, {}, realEffects);
  expect(memory).toMatchObject({ redaction: "clinical", tenant: "clinic", agent: "nurse" });
  writeFileSync(join(root, "params.yaml"), "memory: {redacton: clinical}\n");
  await expect(loadServerProject(root, {}, realEffects)).rejects.toMatchObject({
    message: /did you mean "redaction"/,
  });
  writeFileSync(join(root, "params.yaml"), "features: {tagret: y}\n");
  await expect(loadServerProject(root, {}, realEffects)).rejects.toMatchObject({
    code: "CONFIG_INVALID",
  });
});

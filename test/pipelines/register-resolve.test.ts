import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { realEffects } from "../../src/core/effects.ts";
import { digestBytes, digestHex } from "../../src/core/hash.ts";
import type { Project } from "../../src/pipelines/project.ts";
import { registerRecords } from "../../src/pipelines/register-records.ts";
import {
  parseVersionReference,
  resolveModelVersion,
} from "../../src/pipelines/register-resolve.ts";
import { testDatabaseEnv } from "../support/database.ts";
import { projectWithRecords, writeStages } from "./register-project.ts";

let project: Project;
beforeAll(async () => {
  project = projectWithRecords(await testDatabaseEnv());
  await registerRecords(project, realEffects);
  writeStages(project, { train: "second" });
  await registerRecords(project, realEffects);
});

const resolve = (reference: string) => resolveModelVersion(project, reference, realEffects);

test("a name, a number and latest; latest is the highest version", async () => {
  const second = await resolve("risk@latest");
  expect(second).toMatchObject({ name: "risk", version: 2, status: "staging" });
  expect(await resolve("risk")).toEqual(second);
  expect(await resolve("risk@2")).toEqual(second);
  expect(readFileSync(join(second.folder, "MLmodel"), "utf8")).toBe("flavors of second");
  const first = await resolve("risk@1");
  expect(readFileSync(join(first.folder, "MLmodel"), "utf8")).toBe("flavors of first");
});

test("an altered file of the cache is replaced before it is used", async () => {
  const { folder } = await resolve("risk@1");
  writeFileSync(join(folder, "model.onnx"), "something else");
  await resolve("risk@1");
  expect(readFileSync(join(folder, "model.onnx"), "utf8")).toBe("graph of first");
});

test("an altered object of the store is named and never given to a scorer", async () => {
  const hex = digestHex(digestBytes("graph of first"));
  const object = join(project.root, ".duetmind/artifacts/sha256", hex.slice(0, 2), hex.slice(2));
  const { folder } = await resolve("risk@1");
  chmodSync(object, 0o644);
  writeFileSync(object, "graph of worst");
  writeFileSync(join(folder, "model.onnx"), "so that the cache is not used");
  await expect(resolve("risk@1")).rejects.toMatchObject({
    code: "CHECKSUM_MISMATCH",
    message: expect.stringContaining(object),
  });
});

test("what is not there: the nearest name, or the versions that are", async () => {
  await expect(resolve("rsik")).rejects.toMatchObject({
    code: "NOT_FOUND",
    message: "model rsik: expected a registered model, got none",
    details: { hint: 'did you mean "risk"?' },
  });
  await expect(resolve("risk@9")).rejects.toMatchObject({
    code: "NOT_FOUND",
    message: "model risk: expected a version from 1 to 2, got 9",
  });
});

test("a reference that is none", () => {
  for (const text of ["", "@3", "risk@", "risk@x", "risk@1@2", "risk@-1", "risk@1.5"]) {
    expect(() => parseVersionReference(text)).toThrow(
      `model: expected NAME, NAME@VERSION or NAME@latest, got "${text}"`,
    );
  }
});

import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { realEffects } from "../../src/core/effects.ts";
import type { Environment } from "../../src/core/environment.ts";
import { createSeal } from "../../src/events/seal-secret.ts";
import { temporaryFolder } from "../support/database.ts";

const sealOf = (env: Environment, root = temporaryFolder()) => createSeal(root, env, realEffects);

test("a sealed secret comes back under the same key and for the same webhook only", async () => {
  const root = temporaryFolder();
  const seal = sealOf({}, root);
  const sealed = await seal.seal("s3cret ä", "hook-1");
  expect(sealed).not.toContain("s3cret");
  expect(await seal.seal("s3cret ä", "hook-1")).not.toBe(sealed);
  expect(await seal.unseal(sealed, "hook-1")).toBe("s3cret ä");
  expect(await sealOf({}, root).unseal(sealed, "hook-1")).toBe("s3cret ä");
  await expect(seal.unseal(sealed, "hook-2")).rejects.toThrow("sealed with this server's key");
  await expect(sealOf({}).unseal(sealed, "hook-1")).rejects.toThrow("got another");
  const damaged = `${sealed.slice(0, -2)}${sealed.endsWith("AA") ? "BB" : "AA"}`;
  await expect(seal.unseal(damaged, "hook-1")).rejects.toThrow("got another");
});

test("the key file is made once, for its owner alone, in the state folder", async () => {
  const root = temporaryFolder();
  const env = { DUETMIND_DIR: "state" };
  const sealed = await Promise.all(
    Array.from({ length: 8 }, () => sealOf(env, root).seal("s", "hook")),
  );
  for (const each of sealed) expect(await sealOf(env, root).unseal(each, "hook")).toBe("s");
  const path = join(root, "state", "secret.key");
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(readFileSync(path, "utf8")).toMatch(/^[0-9a-f]{64}\n$/);
});

test("a key of the environment is taken, ours before MLflow's; a short one is refused", async () => {
  const ours = { DUETMIND_SECRET_KEY: "a key of ours, long enough" };
  const theirs = { MLFLOW_WEBHOOK_SECRET_ENCRYPTION_KEY: "a key of theirs, long enough" };
  const sealed = await sealOf({ ...ours, ...theirs }).seal("s", "hook");
  expect(await sealOf(ours).unseal(sealed, "hook")).toBe("s");
  await expect(sealOf(theirs).unseal(sealed, "hook")).rejects.toThrow("got another");
  const byTheirs = await sealOf(theirs).seal("s", "hook");
  expect(await sealOf(theirs).unseal(byTheirs, "hook")).toBe("s");
  await expect(sealOf({ DUETMIND_SECRET_KEY: "short" }).seal("s", "hook")).rejects.toThrow(
    "DUETMIND_SECRET_KEY: expected at least 16 characters, got 5",
  );
});

import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, watch, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { realEffects } from "../../src/core/effects.ts";
import { digestFile } from "../../src/core/hash.ts";
import { runFeatures } from "../../src/pipelines/features-stage.ts";
import type { Project } from "../../src/pipelines/project.ts";
import { makeProject, VISIT_FEATURES, visits } from "./features-project.ts";

const processed = (project: Project) => join(project.root, "data/processed");

function digests(project: Project): Record<string, string> {
  const names = readdirSync(processed(project)).sort();
  return Object.fromEntries(
    names.map((name) => [name, digestFile(join(processed(project), name)).digest]),
  );
}

/** Runs the stage in a process that is killed as soon as it writes its first temporary file. */
async function killWhileWriting(project: Project): Promise<void> {
  const source = (path: string) =>
    JSON.stringify(new URL(`../../src/${path}`, import.meta.url).href);
  const script = join(project.root, "features.mjs");
  writeFileSync(
    script,
    `import { realEffects } from ${source("core/effects.ts")};
     import { runFeatures } from ${source("pipelines/features-stage.ts")};
     await runFeatures(${JSON.stringify({ ...project, origins: undefined })}, realEffects);`,
  );
  mkdirSync(processed(project), { recursive: true });
  const child = spawn(process.execPath, ["--import", "tsx", script], {
    stdio: ["ignore", "ignore", "inherit"],
    cwd: join(import.meta.dirname, "../.."),
  });
  const watcher = watch(processed(project), (_, name) => {
    if (name?.endsWith(".tmp")) child.kill("SIGKILL");
  });
  await new Promise((resolve) => child.once("exit", resolve));
  watcher.close();
  expect(child.signalCode).toBe("SIGKILL");
}

test("a kill while tables are written leaves no record, and the next run is as if nothing had been", async () => {
  const make = () => makeProject({ features: VISIT_FEATURES }, { visits: visits(3000) });
  const clean = await make();
  await runFeatures(clean, realEffects);
  const killed = await make();
  await killWhileWriting(killed);
  expect(existsSync(join(processed(killed), "features.record.json"))).toBe(false);
  await runFeatures(killed, realEffects);
  expect(digests(killed)).toEqual(digests(clean));
  expect(readFileSync(join(processed(killed), "features.record.json"), "utf8")).toContain(
    "feature_hash",
  );
});

import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";

/** The packed tarball, installed in somebody's project, does the main job without a clone. */
const root = join(import.meta.dirname, "..");
const folder = mkdtempSync(join(tmpdir(), "duetmind-smoke-"));
const bin = join(folder, "node_modules", ".bin", "duetmind");

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function run(command: string, args: readonly string[], cwd: string) {
  const { DUETMIND_TEST_DATABASE_URL: _, ...env } = process.env;
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: "utf8", env });
  return { status, stdout, stderr };
}

test("npm install of the tarball, then init, reproduce, show, predict and verify", () => {
  const packed = run("npm", ["pack", "--pack-destination", folder, "--loglevel=error"], root);
  expect(packed.status, packed.stderr).toBe(0);
  const tarball = readdirSync(folder).find((name) => name.endsWith(".tgz"))!;
  const installed = run(
    "npm",
    ["install", "--prefer-offline", "--loglevel=error", `./${tarball}`],
    folder,
  );
  expect(installed.status, installed.stderr).toBe(0);

  const made = run(bin, ["init", "demo", "--sample", "alzheimer"], folder);
  expect(made.status, made.stderr).toBe(0);
  const demo = join(folder, "demo");
  const first = run(bin, ["reproduce", "--json"], demo);
  expect(first.status, first.stderr).toBe(0);
  expect(JSON.parse(first.stdout)).toMatchObject({ ok: true });

  const second = run(bin, ["reproduce", "--json"], demo);
  const { stages } = JSON.parse(second.stdout) as { stages: { state: string }[] };
  expect(stages.map(({ state }) => state)).toEqual(stages.map(() => "unchanged"));

  const { models } = JSON.parse(run(bin, ["models", "--json"], demo).stdout) as {
    models: { name: string; version: number; status: string }[];
  };
  expect(models).toMatchObject([{ version: 1, status: "staging" }]);
  const reference = `${models[0]!.name}@1`;
  const verified = run(bin, ["verify", reference, "--json"], demo);
  expect(JSON.parse(verified.stdout)).toMatchObject({ verdict: "identical" });
}, 300_000);

test("an agent's memory from the tarball: stored by one process, found by another", () => {
  const script = (body: string) => `
    import { openMemory } from "duetmind/memory";
    const sessionId = "visit";
    const memory = await openMemory();
    ${body}
    await memory.close();`;
  const node = (body: string) =>
    run(process.execPath, ["--input-type=module", "-e", script(body)], folder);
  const stored = node(`const id = await memory.storeMemory({ sessionId,
      content: "Patient shows high MMSE but APOE4 genotype", memoryType: "reasoning", importance: 0.8 });
    console.log(id);`);
  expect(stored.status, stored.stderr).toBe(0);
  const found = node(`const [hit] = await memory.retrieveMemories({
      sessionId, query: "APOE4 risk factors", limit: 5 });
    console.log(hit.id);`);
  expect(found.status, found.stderr).toBe(0);
  expect(found.stdout).toBe(stored.stdout);
}, 120_000);

// 46 MB of it is the sentence transformer, which is never downloaded later
test("what gets installed stays below 360 MB", () => {
  const bytes = sizeOf(join(folder, "node_modules"));
  expect(bytes / 1e6).toBeLessThan(360);
  expect(sizeOf(join(folder, "node_modules", "duetmind")) / 1e6).toBeLessThan(25);
});

function sizeOf(path: string): number {
  const entry = statSync(path, { throwIfNoEntry: false });
  if (entry === undefined) return 0;
  if (!entry.isDirectory()) return entry.size;
  return readdirSync(path).reduce((sum, name) => sum + sizeOf(join(path, name)), 0);
}

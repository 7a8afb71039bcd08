import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readMigrations } from "../../src/store/migration-files.ts";
import { temporaryFolder } from "../support/database.ts";
import { runIn } from "../support/run-cli.ts";

const MIGRATIONS = readMigrations().map(({ name }) => name);

function project(): string {
  const root = temporaryFolder();
  const params = `
sources: {patients: {path: patients.csv}}
features: {target: y}
model: {name: m}
`;
  writeFileSync(join(root, "params.yaml"), params);
  return root;
}

const run = (cwd: string, ...argv: string[]) => runIn(cwd, ["db", ...argv]);

test("a new project's database is current from its first start", async () => {
  const root = project();
  const { exitCode, stdout, stderr } = await run(root, "status", "--json");
  expect(stderr).toBe("");
  expect(exitCode).toBe(0);
  expect(JSON.parse(stdout)).toEqual({
    database: "embedded",
    current: true,
    applied: MIGRATIONS,
    pending: [],
  });
  expect((await run(root, "migrate")).stdout).toBe("nothing to apply: the database is current\n");
  const history = JSON.parse((await run(root, "history", "--json")).stdout);
  expect(history.migrations.map(({ name }: { name: string }) => name)).toEqual(MIGRATIONS);
});

test("rollback takes back the last migration, and migrate applies it again", async () => {
  const root = project();
  const last = MIGRATIONS.at(-1)!;
  const undone = await run(root, "rollback", "--json");
  expect(JSON.parse(undone.stdout)).toEqual({ database: "embedded", rolled_back: [last] });
  const { stdout } = await run(root, "status");
  expect(stdout).toContain(`pending  ${last}\nnext     duetmind db migrate\n`);
  expect((await run(root, "migrate")).stdout).toBe(`applied ${last}\n`);
});

test("dump prints infra/schema.sql", async () => {
  const { stdout } = await run(project(), "dump");
  const stored = new URL("../../infra/schema.sql", import.meta.url);
  expect(stdout).toBe(readFileSync(stored, "utf8"));
});

test("dump --backup writes every row below .duetmind/backup; the next command restores it", async () => {
  const root = project();
  const { exitCode, stdout } = await run(root, "dump", "--backup", "--json");
  expect(exitCode).toBe(0);
  const { database, file, rows } = JSON.parse(stdout);
  expect(database).toBe("embedded");
  expect(file).toMatch(/^\.duetmind\/backup\/\d{4}-.*Z\.dump\.gz$/);
  expect(rows).toBeGreaterThan(MIGRATIONS.length); // the ledger, the default experiment
  writeFileSync(join(root, ".duetmind/registered.json"), "{}");
  rmSync(join(root, ".duetmind/db"), { recursive: true });
  const { stderr } = await run(root, "status");
  expect(stderr).toMatch(/^warning: .*\.duetmind\/db was restored from .*: there was none\n$/);
  expect(existsSync(join(root, ".duetmind/registered.json"))).toBe(false);
}, 180_000);

test("reset needs --yes, and forgets what was registered", async () => {
  const root = project();
  const registered = join(root, ".duetmind", "registered.json");
  mkdirSync(join(root, ".duetmind"));
  writeFileSync(registered, "{}");
  const refused = await run(root, "reset");
  expect(refused.exitCode).toBe(2);
  expect(refused.stderr).toContain("db reset: expected --yes, got nothing");
  expect(existsSync(registered)).toBe(true);
  const done = await run(root, "reset", "--yes", "--json");
  expect(JSON.parse(done.stdout)).toEqual({ database: "embedded", applied: MIGRATIONS });
  expect(existsSync(registered)).toBe(false);
});

test("a count of steps that is none is a usage error", async () => {
  const { exitCode, stderr } = await run(project(), "rollback", "--steps", "all");
  expect(exitCode).toBe(2);
  expect(stderr).toContain('expected a whole number from 1, got "all"');
});

test("a folder without a params.yaml has a database too, as memories and a server have it there", async () => {
  const { exitCode, stdout, stderr } = await run(temporaryFolder(), "status", "--json");
  expect(stderr).toBe("");
  expect(exitCode).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ database: "embedded", current: true });
});

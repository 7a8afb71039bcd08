import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { runIn } from "../support/run-cli.ts";
import { scratchFolder } from "../table/scratch.ts";

const run = (...argv: string[]) => runIn(scratchFolder(), argv);

test("no words print the help and exit 0", async () => {
  const { exitCode, stdout } = await run();
  expect(exitCode).toBe(0);
  expect(stdout).toContain("Usage: duetmind");
});

test("an unknown command names the nearest one and exits 2", async () => {
  const { exitCode, stderr, stdout } = await run("confg");
  expect(exitCode).toBe(2);
  expect(stdout).toBe("");
  expect(stderr).toContain('expected a known command, got "confg"');
  expect(stderr).toContain('did you mean "duetmind config"?');
});

test("with --json an error is the one document on stdout", async () => {
  const { exitCode, stdout } = await run("confg", "--json");
  expect(exitCode).toBe(2);
  expect(JSON.parse(stdout)).toEqual({
    error: {
      code: "USAGE",
      message: 'duetmind: expected a known command, got "confg"',
      hint: 'did you mean "duetmind config"?',
    },
  });
});

test("an unknown option exits 2 and says how to see the options", async () => {
  const { exitCode, stdout } = await run("config", "--nope", "--json");
  expect(exitCode).toBe(2);
  expect(JSON.parse(stdout)).toMatchObject({ error: { code: "USAGE" } });
});

test("a folder without a project says how to make one", async () => {
  const { exitCode, stderr } = await run("config");
  expect(exitCode).toBe(2);
  expect(stderr).toContain("expected a project (a params.yaml), got none");
});

test("every command's help shows an example and exits 0", async () => {
  const { exitCode, stdout } = await run("config", "--help");
  expect(exitCode).toBe(0);
  expect(stdout).toContain("Examples:\n  $ duetmind config");
});

test("--version prints the version alone", async () => {
  const { exitCode, stdout } = await run("--version");
  expect(exitCode).toBe(0);
  expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
});

test("with --json a warning is on stderr, and the document alone on stdout; with --quiet it is nowhere", async () => {
  const folder = scratchFolder();
  writeFileSync(join(folder, "params.yaml"), "duetmind: 0.0.1\nsources: {a: {path: a.csv}}\n");
  const warned = await runIn(folder, ["config", "--json"]);
  expect(warned.exitCode).toBe(0);
  expect(warned.stderr).toMatch(/^warning: this is DuetMind .*\n$/);
  expect(warned.json()).toBeDefined();
  expect((await runIn(folder, ["config", "--json", "--quiet"])).stderr).toBe("");
});

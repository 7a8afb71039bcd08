import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { runCli } from "../../src/cli/run.ts";

async function run(...argv: string[]) {
  let stdout = "";
  let stderr = "";
  const status = await runCli({
    argv,
    env: {},
    cwd: mkdtempSync(join(tmpdir(), "duetmind-cli-")),
    stdout: { write: (text) => (stdout += text) },
    stderr: { write: (text) => (stderr += text) },
  });
  return { status, stdout, stderr };
}

test("no words print the help and exit 0", async () => {
  const { status, stdout } = await run();
  expect(status).toBe(0);
  expect(stdout).toContain("Usage: duetmind");
});

test("an unknown command names the nearest one and exits 2", async () => {
  const { status, stderr, stdout } = await run("confg");
  expect(status).toBe(2);
  expect(stdout).toBe("");
  expect(stderr).toContain('expected a known command, got "confg"');
  expect(stderr).toContain('did you mean "duetmind config"?');
});

test("with --json an error is the one document on stdout", async () => {
  const { status, stdout } = await run("confg", "--json");
  expect(status).toBe(2);
  expect(JSON.parse(stdout)).toEqual({
    error: {
      code: "USAGE",
      message: 'duetmind: expected a known command, got "confg"',
      hint: 'did you mean "duetmind config"?',
    },
  });
});

test("an unknown option exits 2 and says how to see the options", async () => {
  const { status, stdout } = await run("config", "--nope", "--json");
  expect(status).toBe(2);
  expect(JSON.parse(stdout)).toMatchObject({ error: { code: "USAGE" } });
});

test("a folder without a project says how to make one", async () => {
  const { status, stderr } = await run("config");
  expect(status).toBe(2);
  expect(stderr).toContain("expected a project (a params.yaml), got none");
});

test("every command's help shows an example and exits 0", async () => {
  const { status, stdout } = await run("config", "--help");
  expect(status).toBe(0);
  expect(stdout).toContain("Examples:\n  $ duetmind config");
});

test("--version prints the version alone", async () => {
  const { status, stdout } = await run("--version");
  expect(status).toBe(0);
  expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
});

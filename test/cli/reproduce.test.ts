// biome-ignore-all lint/suspicious/noTemplateCurlyInString: templates of dvc.yaml look like those of JavaScript
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { afterEach, beforeEach, expect, test } from "vitest";
import { runCli } from "../../src/cli/run.ts";
import { runIn } from "../support/run-cli.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "duetmind-cli-reproduce-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const run = (...argv: readonly string[]) =>
  runIn(folder, argv, { PATH: process.env["PATH"], SHELL: "/bin/sh" });

function pipeline(text: string): void {
  writeFileSync(join(folder, "dvc.yaml"), text);
}

test("reproduce --json prints the document of the reference", async () => {
  pipeline("stages: {a: {cmd: echo hello > a, outs: [a]}}");
  const first = await run("reproduce", "--json");
  expect(first.exitCode).toBe(0);
  expect(JSON.parse(first.stdout)).toEqual({
    ok: true,
    dry: false,
    stages: [
      {
        stage: "a",
        state: "ran",
        why: ["new: not in dvc.lock"],
        exit_code: 0,
        seconds: expect.any(Number),
      },
    ],
    lock_changed: true,
  });
  expect(JSON.parse((await run("repro", "--json")).stdout)).toMatchObject({
    stages: [{ stage: "a", state: "unchanged", why: [], exit_code: null }],
    lock_changed: false,
  });
  expect(JSON.parse((await run("repro", "--force", "--dry", "--json")).stdout)).toMatchObject({
    dry: true,
    stages: [{ state: "would_run", why: ["forced"] }],
  });
});

test("people read why each stage ran, and that nothing is left to do", async () => {
  pipeline("stages: {a: {cmd: echo hello > a, outs: [a]}}");
  expect((await run("reproduce")).stdout).toMatch(
    /^a: ran in \d\.\d s \(new: not in dvc\.lock\)\n$/,
  );
  expect((await run("reproduce")).stdout).toBe(
    "a: did not change\nData and pipelines are up to date.\n",
  );
});

test("a stage that fails: exit 1, the stage and its exit code are named", async () => {
  pipeline("stages: {a: {cmd: touch a, outs: [a]}, b: {cmd: exit 7, deps: [a], outs: [b]}}");
  const json = await run("reproduce", "--json");
  expect(json.exitCode).toBe(1);
  expect(JSON.parse(json.stdout)).toMatchObject({
    ok: false,
    lock_changed: true,
    stages: [
      { stage: "a", state: "ran" },
      { stage: "b", state: "failed", exit_code: 7 },
    ],
    error: {
      code: "STAGE_FAILED",
      message: "stage b: expected exit code 0, got 7 from: exit 7",
    },
  });
  const text = await run("reproduce");
  expect(text.exitCode).toBe(1);
  expect(text.stderr).toContain("error: stage b: expected exit code 0, got 7 from: exit 7");
});

test.each([
  ["stages: {a: {cmd: x, outs: [a]}}", ["b"], "DVC_YAML_GRAPH", 'got "b"'],
  ["stages: {a: {cmd: x, oust: [a]}}", [], "DVC_YAML_SCHEMA", 'did you mean "outs"?'],
  ["stages: {a: {cmd: 'x ${b}'}}", [], "DVC_YAML_TEMPLATE", "${b}: expected a variable"],
  ["stages: {a: {cmd: x, deps: [gone]}}", [], "FILE_NOT_FOUND", 'its dep "gone"'],
])("%s is refused with exit 2", async (text, targets, code, message) => {
  pipeline(text);
  const { exitCode, stdout } = await run("reproduce", ...targets, "--json");
  expect(exitCode).toBe(2);
  const { error } = JSON.parse(stdout) as { error: { code: string; message: string } };
  expect(error.code).toBe(code);
  expect(error.message).toContain(message);
});

test("a folder without a dvc.yaml says how to make one", async () => {
  const { exitCode, stderr } = await run("reproduce");
  expect(exitCode).toBe(2);
  expect(stderr).toContain("dvc.yaml: expected a pipeline in this folder, got no such file");
  expect(stderr).toContain("duetmind init");
});

test("after kill -9 in the middle of a stage the next run does just that stage again", async () => {
  pipeline(
    "stages: {a: {cmd: echo a > a, outs: [a]}, b: {cmd: 'echo $$ > pid; cat a fifo > b', deps: [a], outs: [b]}}",
  );
  execFileSync("mkfifo", [join(folder, "fifo")]);
  const script = join(import.meta.dirname, "..", "..", "bin", "duetmind.js");
  const env = { PATH: process.env["PATH"], SHELL: "/bin/sh" };
  const child = spawn(process.execPath, [script, "reproduce"], {
    cwd: folder,
    env,
    stdio: "ignore",
  });
  const ended = once(child, "exit");
  const pid = join(folder, "pid");
  while (!existsSync(pid) || readFileSync(pid, "utf8") === "") await new Promise(setImmediate);
  child.kill("SIGKILL");
  await ended;
  process.kill(-Number(readFileSync(pid, "utf8")), "SIGKILL"); // a killed program cannot end its stage
  rmSync(join(folder, "fifo"));
  writeFileSync(join(folder, "fifo"), "done\n");
  const { exitCode, stdout } = await run("reproduce", "--json");
  expect(exitCode).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    stages: [
      { stage: "a", state: "unchanged" },
      { stage: "b", state: "ran", why: ["new: not in dvc.lock"] },
    ],
  });
  expect(readFileSync(join(folder, "b"), "utf8")).toBe("a\ndone\n");
});

test("reproduce -i asks before each stage that would run; a no stops, and nobody there is a no", async () => {
  pipeline("stages: {a: {cmd: echo a > a, outs: [a]}, b: {cmd: cat a > b, deps: [a], outs: [b]}}");
  const answer = async (text: string, isTTY: boolean) => {
    let [stdout, stderr] = ["", ""];
    const stdin = Object.assign(Readable.from([text]), { isTTY });
    const exitCode = await runCli({
      argv: ["reproduce", "--interactive", "--json"],
      env: { PATH: process.env["PATH"], SHELL: "/bin/sh" },
      cwd: folder,
      stdin: () => stdin,
      stdout: { write: (more) => (stdout += more) },
      stderr: { write: (more) => (stderr += more) },
    });
    const { stages, error } = JSON.parse(stdout);
    const states = stages.map(({ stage, state }: Record<string, string>) => `${stage} ${state}`);
    return {
      exitCode,
      states,
      message: error?.message,
      questions: stderr.split("[y/n]").length - 1,
    };
  };
  expect(await answer("y\n", false)).toMatchObject({
    exitCode: 1,
    states: ["a failed"],
    questions: 0,
  });
  expect(await answer("perhaps\nYes\nn\n", true)).toEqual({
    exitCode: 1,
    states: ["a ran", "b failed"],
    message: "stage b: expected a yes to run it, got none",
    questions: 2,
  });
  expect(existsSync(join(folder, "b"))).toBe(false);
  expect(await answer("y\n", true)).toMatchObject({
    exitCode: 0,
    states: ["a unchanged", "b ran"],
  });
});

test("stage list --json keeps all digits of an integer", async () => {
  const big = "123456789012345678901234567890";
  pipeline(`stages: {a: {cmd: x, meta: {id: ${big}, list: [${big}, 9007199254740993]}}}`);
  expect((await run("stage", "list", "--json")).stdout).toContain(
    `"meta":{"id":${big},"list":[${big},9007199254740993]}`,
  );
});

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { runIn } from "../support/run-cli.ts";

const folder = mkdtempSync(join(tmpdir(), "duetmind-cli-sample-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const run = (...argv: readonly string[]) => runIn(folder, argv);

test("the sample is called synthetic, with what could be learnt from it at best", async () => {
  const { exitCode, stdout } = await run(
    "sample",
    "alzheimer",
    "--rows",
    "300",
    "--out",
    "a.csv",
    "--json",
  );
  expect(exitCode).toBe(0);
  const document = JSON.parse(stdout) as { best_possible: { accuracy: number } };
  expect(document).toMatchObject({ path: "a.csv", synthetic: true, rows: 300 });
  expect(document.best_possible.accuracy).toBeGreaterThan(0.9);
  expect(readFileSync(join(folder, "a.csv"), "utf8").trimEnd().split("\n")).toHaveLength(301);
  const text = await run("sample", "alzheimer", "--rows", "10", "--out", "b.csv");
  expect(text.stdout).toContain("10 visits of synthetic patients");
});

test.each([
  [["--rows", "0"], "sample alzheimer: rows: expected at least 1, got 0"],
  [["--rows", "many"], "sample alzheimer: rows: expected a number"],
  [["--preset", "easy"], "Allowed choices are default, hard"],
  [["--period", "2024"], "sample alzheimer: period: expected FROM..TO as dates"],
  [["--period", "2024-13-01..2024-01-01"], "--period: expected two days of the calendar"],
  [["--period", "2024-02-01..2024-01-01"], "the first not after the last"],
])("%j is refused with exit 2", async (options, message) => {
  const { exitCode, stderr } = await run("sample", "alzheimer", ...options, "--out", "c.csv");
  expect(exitCode).toBe(2);
  expect(stderr).toContain(message);
});

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";

const bin = join(import.meta.dirname, "..", "..", "bin", "duetmind.js");
const folder = mkdtempSync(join(tmpdir(), "duetmind-pipe-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs a pipeline of a shell; `statuses` has the exit status of each of its commands. */
function pipeline(text: string) {
  const script = `duetmind() { "$NODE" "$BIN" "$@"; }; ${text}; echo "\${PIPESTATUS[*]}" >&3`;
  const { output } = spawnSync("bash", ["-c", script], {
    cwd: folder,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe", "pipe"],
    env: { ...process.env, NODE: process.execPath, BIN: bin },
  });
  const [, stdout, stderr, statuses] = output;
  return { stdout, stderr, statuses: statuses?.trim() };
}

// `true` closes the pipe before anything is written, `head -c 1` after the first byte
test.each([
  ["duetmind --help --json | head -c 1", "{", "0 0"],
  ["duetmind --help --json | true", "", "0 0"],
  ["duetmind confg --json 2>/dev/null | true", "", "2 0"],
  ["duetmind confg --json 2>&1 | true", "", "2 0"],
])("%s ends quietly, with the status that the command came to", (text, stdout, statuses) => {
  expect(pipeline(text)).toEqual({ stdout, stderr: "", statuses });
});

test("a reader of the progress that goes away does not stop the work", () => {
  const sample = "duetmind sample alzheimer --rows 50 --out rows.csv";
  expect(pipeline(`${sample} --json 2> >(true) | head -c 1`)).toMatchObject({ stdout: "{" });
  expect(pipeline("wc -l < rows.csv").stdout?.trim()).not.toBe("0");
});

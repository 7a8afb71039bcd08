import { writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { pythonRound } from "../../../src/reproduce/compare/python-round.ts";
import { pythonJson } from "../../../src/reproduce/values/python-text.ts";
import { readJson } from "../../../src/reproduce/values/read-json.ts";
import { openScenario, readReplies } from "./replies.ts";

/**
 * Python's sets give DVC's diffs another order of files and keys in every run: JSON is compared by its
 * values (of equal numbers 1 and 1.0 differ), tables by their lines.
 */
for (const name of ["metrics", "params", "no-git", "broken"]) {
  const scenario = openScenario(name);
  afterAll(() => scenario.remove());
  const asked = readReplies(name).filter(({ command }) => /^(metrics|params)/.test(command));
  describe(`in the repository "${name}"`, () => {
    for (const { command, status, stdout } of asked) {
      test(command, async () => {
        const said = await scenario.ask(command);
        expect(said.status).toBe(status === 0 ? 0 : 2);
        if (status !== 0) return;
        if (command.includes("--json")) {
          expect(canonical(said.stdout)).toBe(canonical(stdout.join("\n")));
        } else if (command.includes("diff")) {
          expect(said.stdout.split("\n").sort()).toEqual([...stdout].sort());
        } else {
          expect(said.stdout.split("\n")).toEqual(stdout);
        }
      });
    }
  });
}

/** Of a dvc.yaml that it refuses and of the path to a broken file DVC speaks in words of its own. */
function canonical(text: string): string {
  return pythonJson(readJson(text, "reply"))
    .replace(/(?:\.\.\/)+broken\.json/g, "broken.json")
    .replace(/"msg": "(?:[^"\\]|\\.)*dvc\.yaml(?:[^"\\]|\\.)*"/g, "");
}

test("a revision that looks like an option is refused and not given to git", async () => {
  const scenario = openScenario("params");
  try {
    const said = await scenario.ask("params diff -- --upload-pack=x");
    expect(said.status).toBe(2);
    expect(said.stderr).toContain(`revision: expected one of git's, got "--upload-pack=x"`);
  } finally {
    scenario.remove();
  }
});

test("a repository that git refuses is an error, not one without commits", async () => {
  const scenario = openScenario("metrics");
  try {
    const env = { GIT_TEST_ASSUME_DIFFERENT_OWNER: "1" };
    const said = await scenario.ask("metrics diff", ".", env);
    expect(said.status).toBe(2);
    expect(said.stderr).toContain("dubious ownership");
  } finally {
    scenario.remove();
  }
});

test("without the program git the workspace is shown and revisions are not", async () => {
  const scenario = openScenario("metrics");
  try {
    const env = { PATH: scenario.folder };
    expect((await scenario.ask("metrics show --json m.json", ".", env)).status).toBe(0);
    const said = await scenario.ask("metrics diff", ".", env);
    expect(said.status).toBe(3);
    expect(said.stderr).toContain("expected the program git");
  } finally {
    scenario.remove();
  }
});

test("bytes that are no text are named as DVC names them", async () => {
  const scenario = openScenario("no-git");
  try {
    writeFileSync(join(scenario.folder, "bad.json"), Buffer.from([0x22, 0xff, 0x22]));
    const shown = relative(scenario.folder, "/bad.json");
    const metrics = await scenario.ask("metrics show bad.json --json");
    expect(metrics.stdout).toContain(
      `{"type": "EncodingError", "msg": "unable to read: '${shown}', is not valid utf-8"}`,
    );
    const plots = await scenario.ask("plots show bad.json --json");
    expect(plots.stdout).toContain(
      `"type": "EncodingError", "msg": "unable to read: 'bad.json', is not valid utf8"}`,
    );
  } finally {
    scenario.remove();
  }
});

test("paths are shown as seen from the folder of the call", async () => {
  const scenario = openScenario("metrics");
  try {
    const said = await scenario.ask("metrics show --json", "sub");
    expect(said.stdout).toContain('"../m.json"');
  } finally {
    scenario.remove();
  }
});

test.each([
  [0.015625, 5, 0.01562],
  [0.046875, 5, 0.04688],
  [-0.015625, 5, -0.01562],
  [2.675, 2, 2.67],
  [0.5, 0, 0],
  [1.5, 0, 2],
  [1e300, 5, 1e300],
  [-0, 5, -0],
  [-5e-324, 5, -0],
  [-5e-6, 5, -1e-5],
])("round(%d, %d) is %d, as in Python", (x, digits, rounded) => {
  expect(pythonRound(x, digits)).toBe(rounded);
});

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
])("round(%d, %d) is %d, as in Python", (x, digits, rounded) => {
  expect(pythonRound(x, digits)).toBe(rounded);
});

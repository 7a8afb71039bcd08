import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { csvRows } from "../../../src/reproduce/compare/plots/csv-rows.ts";
import { pythonJson } from "../../../src/reproduce/values/python-text.ts";
import { readJson } from "../../../src/reproduce/values/read-json.ts";
import { openScenario, readReplies } from "./replies.ts";

const scenario = openScenario("plots");
afterAll(() => scenario.remove());

/** One key order; of equal numbers 1 and 1.0 differ. */
const canonical = (text: string) => pythonJson(readJson(text, "reply")).split("}, {");

describe("plots says what DVC says", () => {
  for (const { command, status, stdout } of readReplies("plots")) {
    test(command, async () => {
      const said = await scenario.ask(command);
      expect(said.status).toBe(status === 0 ? 0 : 2);
      if (status === 0) expect(canonical(said.stdout)).toEqual(canonical(stdout.join("\n")));
    });
  }
});

describe("where there is no git, or no pipeline", () => {
  for (const name of ["no-git", "broken"]) {
    for (const { command, status, stdout } of readReplies(name)) {
      if (!command.startsWith("plots")) continue;
      test(`${command} in "${name}"`, async () => {
        const other = openScenario(name);
        try {
          const said = await other.ask(command);
          expect(said.status).toBe(status === 0 ? 0 : 2);
          if (status !== 0) return;
          const words = (text: string) =>
            canonical(text.replace(/"msg": "(?:[^"\\]|\\.)*"/g, '"msg": ""'));
          expect(words(said.stdout)).toEqual(words(stdout.join("\n")));
        } finally {
          other.remove();
        }
      });
    }
  }
});

test("the page holds every plot and image, and fetches nothing", async () => {
  const said = await scenario.ask("plots diff --svg -o out");
  expect(said.status).toBe(0);
  expect(said.stdout).toBe("file://<root>/out/index.html\n");
  const page = readFileSync(join(scenario.folder, "out", "index.html"), "utf8");
  expect(page.match(/<svg/g)!.length).toBeGreaterThanOrEqual(10);
  expect(page).toContain("data:image/png;base64,");
  expect(page).not.toMatch(/<script|src="(?!data:)|NaN|undefined/);
  expect(existsSync(join(scenario.folder, "out", "loss.csv.svg"))).toBe(true);
});

test("--show-vega prints the specification alone", async () => {
  const said = await scenario.ask("plots show --show-vega loss.csv");
  expect(JSON.parse(said.stdout)).toMatchObject({ title: { text: "Loss" } });
});

test.each([
  ["a,b\r\n1,2\r\n\r\n", ",", [{ a: "1", b: "2" }]],
  ['a,b\n"x,""y""\nz",2\n', ",", [{ a: 'x,"y"\nz', b: "2" }]],
  [
    "a,b\n1\n1,2,3\n",
    ",",
    [
      { a: "1", b: null },
      { a: "1", b: "2", null: ["3"] },
    ],
  ],
  ["a\tb\n1\t\n", "\t", [{ a: "1", b: "" }]],
])("rows of %j", (text, delimiter, rows) => {
  const found = csvRows(text, delimiter, true).map((row) =>
    Object.fromEntries(row as Map<string, unknown>),
  );
  expect(found).toEqual(rows);
});

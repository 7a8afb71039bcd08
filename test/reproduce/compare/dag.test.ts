import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { toBoxes } from "../../../src/reproduce/compare/dag/boxes.ts";
import type { Dag } from "../../../src/reproduce/compare/dag/dag.ts";
import { toDagHtml } from "../../../src/reproduce/compare/dag/dag-html.ts";
import { openScenario, readReplies } from "./replies.ts";

const scenario = openScenario("dag");
afterAll(() => scenario.remove());

/** The order of collapsed nodes is that of a Python set: it differs from run to run. */
const sortedLines = (text: string) => text.split("\n").sort();

describe("dag says what DVC says", () => {
  for (const { command, status, stdout } of readReplies("dag")) {
    test(command, async () => {
      const said = await scenario.ask(command);
      expect(said.status === 0).toBe(status === 0);
      if (status !== 0) return;
      if (command.includes("collapse") && command.includes("--dot")) {
        expect(sortedLines(said.stdout)).toEqual([...stdout].sort());
      } else {
        expect(said.stdout.split("\n")).toEqual(stdout);
      }
    });
  }
});

test("an unknown target names the stage that was meant", async () => {
  const said = await scenario.ask("dag zet");
  expect(said.status).toBe(2);
  expect(said.stderr).toContain('target: expected an output or a stage of dvc.yaml, got "zet"');
  expect(said.stderr).toContain('did you mean "zeta"?');
});

test("--outs and --collapse-foreach-matrix exclude each other", async () => {
  expect((await scenario.ask("dag -o --collapse-foreach-matrix")).status).toBe(2);
});

test("--json names nodes and edges from what is needed to what needs it", async () => {
  const said = await scenario.ask("dag split@eu --json");
  expect(JSON.parse(said.stdout)).toEqual({
    nodes: ["raw.csv.dvc", "split@eu", "zeta"],
    edges: [
      ["raw.csv.dvc", "zeta"],
      ["zeta", "split@eu"],
    ],
  });
});

test("a fork is drawn with every box whole and no line through one", () => {
  const dag: Dag = new Map([
    ["a", new Set<string>()],
    ["left", new Set(["a"])],
    ["right", new Set(["a"])],
    ["end", new Set(["left", "right", "a"])],
  ]);
  const text = toBoxes(dag);
  for (const name of dag.keys()) expect(text).toContain(`| ${name} |`);
  expect(text.match(/\+-+\+/g)).toHaveLength(2 * dag.size);
  expect(text).toContain("*");
});

test("the page escapes names and fetches nothing", async () => {
  const html = toDagHtml(new Map([["<b>&", new Set<string>()]]), "<i>");
  expect(html).toContain("&lt;b&gt;&amp;");
  expect(html).not.toContain("<b>");
  expect(html).not.toMatch(/<script|https?:\/\/(?!www\.w3\.org)/);
  const said = await scenario.ask("dag --html dag.html");
  expect(said).toMatchObject({ status: 0, stdout: "page: dag.html\n" });
  const page = join(scenario.folder, "dag.html");
  expect(existsSync(page)).toBe(true);
  expect(readFileSync(page, "utf8")).toContain("train@a-1");
});

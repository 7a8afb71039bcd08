import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { pythonJson } from "../../src/reproduce/values/python-text.ts";
import { readJson } from "../../src/reproduce/values/read-json.ts";
import type { MapKey, Value } from "../../src/reproduce/values/value.ts";
import { type Asked, openScenario } from "../reproduce/compare/replies.ts";
import { type Files, folderObject, md5, type Scenario } from "../reproduce/compare/scenario.ts";
import { dvc } from "./dvc-command.ts";

/**
 * Random histories on which real DVC and DuetMind are asked the same. A run repeats the last one; others
 * are tried with FC_SEED.
 */
const seed = Number(process.env["FC_SEED"] ?? 386_095_072);
const open: Asked[] = [];
afterAll(() => {
  for (const each of open) each.remove();
});

const name = fc.string({ unit: fc.constantFrom(..."abcAB_-é😀 "), minLength: 1, maxLength: 4 });
const key = name.filter((text) => text.trim() === text);
const leaf: fc.Arbitrary<Value> = fc.oneof(
  fc.bigInt(-(10n ** 20n), 10n ** 20n),
  fc.integer({ min: -3, max: 3 }).map(BigInt),
  fc.double(),
  fc.integer({ min: -640, max: 640 }).map((n) => n / 64),
  fc.constantFrom<Value>(true, false, null, "", "text", "it's", 'a "b"', "é|😀", "日本"),
);
const { map: tree } = fc.letrec<{ value: Value; map: Value }>((tie) => ({
  value: fc.oneof(
    { weight: 5, arbitrary: leaf },
    { weight: 1, arbitrary: fc.array(leaf, { maxLength: 3 }) },
    { weight: 2, arbitrary: tie("map") },
  ),
  map: fc
    .array(fc.tuple(key, tie("value")), { maxLength: 5 })
    .map((entries): Value => new Map<MapKey, Value>(entries)),
}));

/** Two states of the same files: some keys stay, some change. */
function history(count: number, folder: string): readonly [Files, Files] {
  const pairs = fc.sample(fc.tuple(tree, tree, fc.integer({ min: 0, max: 9 })), {
    numRuns: count,
    seed,
  });
  const [first, second]: Record<string, string | null>[] = [{}, {}];
  for (const [i, [a, b, luck]] of pairs.entries()) {
    const path = `${folder}/${i}.json`;
    const mixed = new Map([...(a as Map<MapKey, Value>), ...(b as Map<MapKey, Value>)]);
    first![path] = pythonJson(a);
    second![path] = luck === 0 ? null : luck === 1 ? "[1]" : luck === 2 ? "5" : pythonJson(mixed);
  }
  return [first!, second!];
}

function openHistory(scenario: Scenario): Asked {
  const asked = openScenario(scenario);
  open.push(asked);
  return asked;
}

const lines = (text: string) => text.split("\n").sort();
const canonical = (text: string) =>
  pythonJson(readJson(text, "reply"))
    .replace(/(?:\.\.\/)+m\//g, "m/")
    .split("}, ");

test(`metrics and parameters of a random history (seed ${seed})`, async () => {
  const [metrics, later] = history(60, "m");
  const [params, laterParams] = history(60, "p");
  const list = (files: Files) => JSON.stringify(Object.keys(files));
  const scenario = openHistory({
    commits: [
      {
        "dvc.yaml": `metrics: ${list(metrics)}\nparams: ${list(params)}\n`,
        ...metrics,
        ...params,
      },
    ],
    workspace: { ...later, ...laterParams },
    commands: [],
  });
  for (const command of [
    ["metrics", "show", "--json"],
    ["metrics", "diff", "--json"],
    ["metrics", "diff", "--all", "--json"],
    ["params", "diff", "--json"],
    ["params", "diff", "--all", "--json"],
  ]) {
    const said = await scenario.ask(command.join(" "));
    const expected = dvc(scenario.folder, ...command);
    expect(expected.length).toBeGreaterThan(200);
    expect(canonical(said.stdout), command.join(" ")).toEqual(canonical(expected));
  }
  for (const command of [
    ["metrics", "show"],
    ["metrics", "diff"],
    ["metrics", "diff", "--all", "--md", "--precision", "3"],
    ["params", "diff", "--md"],
  ]) {
    const said = await scenario.ask(command.join(" "));
    const expected = dvc(scenario.folder, ...command);
    expect(lines(said.stdout), command.join(" ")).toEqual(lines(expected));
  }
}, 300_000);

test(`data of a random history (seed ${seed})`, async () => {
  const content = fc.constantFrom("a", "b", "c", "d", "e");
  const folder = fc.dictionary(fc.constantFrom("x", "y", "z/w", "z/v", "é"), content, {
    minKeys: 1,
  });
  const state = fc.oneof(content, folder, fc.constant(null));
  const pairs = fc.sample(fc.tuple(state, state), { numRuns: 40, seed });
  const [first, second]: Record<string, string | null>[] = [{}, {}];
  const cached: string[] = ["a", "b", "c"];
  for (const [i, pair] of pairs.entries()) {
    for (const [side, data] of pair.entries()) {
      const files = side === 0 ? first! : second!;
      files[`d${i}.dvc`] = data === null ? null : dvcFile(data, `d${i}`);
      if (data !== null && typeof data === "object" && i % 4 > 0) cached.push(folderObject(data));
    }
  }
  const scenario = openHistory({ commits: [first!, second!], workspace: {}, cached, commands: [] });
  for (const command of [
    ["diff", "v1", "v2", "--json", "--show-hash"],
    ["diff", "v1", "v2"],
    ["diff", "v1", "--json"],
  ]) {
    const said = await scenario.ask(command.join(" "));
    const expected = dvc(scenario.folder, ...command);
    expect(said.stdout.split("}, "), command.join(" ")).toEqual(expected.split("}, "));
  }
}, 300_000);

function dvcFile(data: string | Readonly<Record<string, string>>, path: string): string {
  const hash = typeof data === "string" ? md5(data) : `${md5(folderObject(data))}.dir`;
  return `outs:\n- md5: ${hash}\n  size: 1\n  hash: md5\n  path: ${path}\n`;
}

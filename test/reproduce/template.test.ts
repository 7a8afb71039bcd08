// biome-ignore-all lint/suspicious/noTemplateCurlyInString: templates of dvc.yaml look like those of JavaScript
import { expect, test } from "vitest";
import { parseConfig } from "../../src/reproduce/files/dvc-config.ts";
import { parsePipeline } from "../../src/reproduce/pipeline/pipeline.ts";

function resolve(dvcYaml: string, files: Readonly<Record<string, string>> = {}, config = "") {
  return parsePipeline(dvcYaml, "/p/dvc.yaml", {
    cwd: "/p",
    root: "/p",
    config: { sections: parseConfig(config, "config"), remotes: new Map() },
    readText: (path) => files[path.slice("/p/".length)] ?? null,
  });
}

function command(cmd: string, params: string, config = "") {
  const text = `stages: {a: {cmd: ${JSON.stringify(cmd)}}}`;
  return resolve(text, { "params.yaml": params }, config).stages[0]!.cmd;
}

const MODEL =
  "m: {lr: 0.1, net: {layers: [1, 2.0], act: 're lu'}, on: true, off: false, no: null, e: [], d: {}}\n";

test("a mapping in a command becomes flags", () => {
  expect(command("run ${m}", MODEL)).toBe(
    "run --lr 0.1 --net.layers 1 2.0 --net.act 're lu' --on --no None",
  );
  expect(command("run ${m}", MODEL, "[parsing]\nbool = boolean_optional\nlist = append\n")).toBe(
    "run --lr 0.1 --net.layers 1 --net.layers 2.0 --net.act 're lu' --on --no-off --no None",
  );
  expect(() => command("run", "a: 1", "[parsing]\nbool = maybe\n")).toThrow(
    '.dvc/config: parsing.bool: expected store_true or boolean_optional, got "maybe"',
  );
});

test("texts are filled in as Python spells them; spaces, list places and escapes", () => {
  expect(
    command("x ${ a.b } ${a[l][-1]} \\${a} ${t}${n}", "a: {b: 1e-5, l: [1, 2]}\nt: true\nn:\n"),
  ).toBe("x 1e-05 2 ${a} trueNone");
});

const FILES = {
  "params.yaml": "lr: 1\nm: {a: 1}\nlist: [1]\n",
  "more.yaml": "x: 1\ny: 2\n",
  "list.json": "[1]",
};

test.each([
  [
    "stages: {a: {cmd: 'x ${lrr}'}}",
    "dvc.yaml: stages.a.cmd: ${lrr}: expected a variable of params.yaml or vars, got an unknown one",
  ],
  [
    "stages: {a: {cmd: 'x ${lr.}'}}",
    'dvc.yaml: stages.a.cmd: ${lr.}: expected the path of a variable such as ${a.b[0]}, got "lr."',
  ],
  ["stages: {a: {cmd: 'x ${}'}}", 'expected the path of a variable such as ${a.b[0]}, got ""'],
  [
    "stages: {a: {cmd: x, deps: ['${lr}']}}",
    "dvc.yaml: stages.a.deps: expected a text after templates, got 1",
  ],
  [
    "stages: {a: {cmd: x, deps: ['${m}']}}",
    "dvc.yaml: stages.a.deps: ${m}: expected a text, a number, a boolean or nothing, got a mapping",
  ],
  [
    "stages: {a: {cmd: '${m}'}}",
    "dvc.yaml: stages.a.cmd: ${m}: expected a text, a number, a boolean or nothing, got a mapping",
  ],
  [
    "stages: {a: {cmd: 'x ${list}'}}",
    "dvc.yaml: stages.a.cmd: ${list}: expected a text, a number, a boolean or nothing, got a list",
  ],
  [
    "vars: [{lr: 2}]\nstages: {}",
    'dvc.yaml: vars: expected each variable once, got "lr" from vars[0] after params.yaml',
  ],
  [
    "vars: [{m: 2}]\nstages: {}",
    'dvc.yaml: vars: expected each variable once, got "m" from vars[0] after params.yaml',
  ],
  [
    "vars: ['more.yaml:x', more.yaml]\nstages: {}",
    'dvc.yaml: vars: expected each file whole or each of its keys once, got "more.yaml" after it was loaded in part (x)',
  ],
  ["vars: [more.yaml, 'more.yaml:x']\nstages: {}", 'got "more.yaml:x" after it was loaded whole'],
  [
    "vars: ['more.yaml:z']\nstages: {}",
    'dvc.yaml: vars: more.yaml: expected the key "z", got nothing',
  ],
  [
    "vars: [gone.yaml]\nstages: {}",
    'dvc.yaml: vars: expected the file "gone.yaml", got nothing at this path',
  ],
  [
    "vars: [list.json]\nstages: {}",
    "dvc.yaml: vars: list.json: expected a mapping of variables, got something else",
  ],
  [
    "vars: [{k: '${lr}'}]\nstages: {}",
    'dvc.yaml: vars.k: expected values without templates, got "${lr}"',
  ],
  [
    "stages: {a: {cmd: x, vars: [{lr: 3}]}}",
    'dvc.yaml: stages.a.vars: expected each variable once, got "lr" from a.vars[0] after params.yaml',
  ],
  [
    "stages: {a: {foreach: [1], do: {cmd: x, vars: [{item: 3}]}}}",
    'dvc.yaml: stages.a@1.vars: expected names other than those that foreach and matrix set, got "item"',
  ],
  [
    "stages: {a: {foreach: '${lr}', do: {cmd: x}}}",
    "dvc.yaml: stages.a.foreach: expected a list or a mapping, got 1",
  ],
  [
    "stages: {a: {matrix: {x: '${lr}'}, cmd: x}}",
    "dvc.yaml: stages.a.matrix: expected a list for each axis, got 1",
  ],
  [
    "stages: {a: {foreach: ['x@y'], do: {cmd: x}}}",
    'dvc.yaml: stages.a: expected a name that is not empty and has no "@", got "x@y"',
  ],
  [
    "stages: {a@b: {cmd: x}}",
    'dvc.yaml: stages.a@b: expected a name that is not empty and has no "@", got "a@b"',
  ],
])("%s is refused", (text, message) => {
  expect(() => resolve(text, FILES)).toThrow(
    expect.objectContaining({
      code: "DVC_YAML_TEMPLATE",
      message: expect.stringContaining(message),
    }),
  );
});

test("names that are misspelt are hinted at", () => {
  expect(() =>
    resolve("stages: {a: {cmd: 'x ${lts.k}'}}", { "params.yaml": "lst: {k: 1}\n" }),
  ).toThrow(
    expect.objectContaining({
      details: expect.objectContaining({ hint: "did you mean ${lst.k}?" }),
    }),
  );
});

test("what belongs to no stage is filled in too", () => {
  const { params, metrics, plots, artifacts } = resolve(
    "params: ['p-${lr}.json']\nmetrics: [m.json]\nplots: [{p: {x: '${m.a}'}}]\nartifacts: {'${m.a}-x': {path: o}}\n",
    { "params.yaml": "lr: 0.5\nm: {a: n}\n" },
  );
  expect(params).toEqual(["p-0.5.json"]);
  expect(metrics).toEqual(["m.json"]);
  expect(plots).toEqual([new Map([["p", new Map([["x", "n"]])]])]);
  expect(artifacts).toEqual(new Map([["n-x", new Map([["path", "o"]])]]));
});

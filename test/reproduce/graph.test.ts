// biome-ignore-all lint/suspicious/noTemplateCurlyInString: templates of dvc.yaml look like those of JavaScript
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { realEffects } from "../../src/core/effects.ts";
import type { DuetMindError } from "../../src/core/errors.ts";
import { findTarget } from "../../src/reproduce/pipeline/find-targets.ts";
import { activeGraph, buildGraph, isMadeBy } from "../../src/reproduce/pipeline/graph.ts";
import { readPipeline } from "../../src/reproduce/pipeline/pipeline.ts";
import type { Stage } from "../../src/reproduce/pipeline/stage.ts";
import { type PlanOptions, planStages } from "../../src/reproduce/run/plan-stages.ts";

const NO_CONFIG = { sections: new Map(), remotes: new Map() };
const folder = mkdtempSync(join(tmpdir(), "duetmind-graph-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function read(dvcYaml: string, params = "a: 1\n"): Promise<readonly Stage[]> {
  writeFileSync(join(folder, "dvc.yaml"), dvcYaml);
  writeFileSync(join(folder, "params.yaml"), params);
  const source = { cwd: folder, root: folder, config: NO_CONFIG };
  return (await readPipeline(folder, source, realEffects)).stages;
}

async function refusal(dvcYaml: string, params?: string): Promise<string> {
  try {
    buildGraph(await read(dvcYaml, params), folder);
  } catch (error) {
    return `${(error as DuetMindError).code} ${(error as DuetMindError).message}`;
  }
  return "accepted";
}

test("stages run in the order of their files, not of dvc.yaml", async () => {
  const stages = await read(`stages:
  last: {cmd: c, deps: [b/inner.txt]}
  first: {cmd: a, outs: [a]}
  middle: {cmd: b, deps: [a], outs: [b]}
  gather: {cmd: d, deps: [folder]}
  scatter: {cmd: e, deps: [a], outs: [folder/x, folder/y]}
`);
  const graph = buildGraph(stages, folder);
  const names = (targets: readonly string[], options: Partial<PlanOptions> = {}) => {
    const asked = targets.flatMap((target) =>
      findTarget(stages, target, { cwd: folder, glob: false, recursive: false }),
    );
    const plan = planStages(graph, targets.length === 0 ? stages : asked, {
      ...{ singleItem: false, pipeline: false, downstream: false },
      ...options,
    });
    return plan.stages.map(({ name }) => name);
  };
  expect(names([])).toEqual(["first", "middle", "last", "scatter", "gather"]);
  expect(names(["middle"])).toEqual(["first", "middle"]);
  expect(names(["middle"], { singleItem: true })).toEqual(["middle"]);
  expect(names(["middle"], { downstream: true })).toEqual(["middle", "last"]);
  expect(names(["scatter"], { pipeline: true })).toEqual(names([]));
  expect(names(["folder/x"])).toEqual(["first", "scatter"]);
  expect(names(["dvc.yaml:first"])).toEqual(["first"]);
  expect(() => names(["midle"])).toThrow('target: expected a stage of dvc.yaml, got "midle"');
});

test.each([
  [
    "stages: {a: {cmd: x, deps: [b], outs: [a]}, b: {cmd: x, deps: [a], outs: [b]}}",
    "DVC_YAML_GRAPH dvc.yaml: expected stages without a cycle, got a -> b -> a",
  ],
  [
    "stages: {a: {cmd: x, outs: [same]}, b: {cmd: x, outs: [same]}}",
    'DVC_YAML_GRAPH dvc.yaml: expected each out in one stage, got "same" in "a" and "b"',
  ],
  [
    "stages: {a: {cmd: x, outs: [dir]}, b: {cmd: x, outs: [dir/file]}}",
    'DVC_YAML_GRAPH dvc.yaml: expected each out in one stage, got "dir/file" in "a" and "b"',
  ],
  [
    "stages: {a: {cmd: x, outs: [.]}}",
    'DVC_YAML_GRAPH dvc.yaml: stages.a: expected outs that hold no stages, got ".", which holds dvc.yaml',
  ],
  [
    "stages: {a: {cmd: x, dep: [y]}}",
    'DVC_YAML_SCHEMA dvc.yaml: stages.a: expected a known key, got "dep"; did you mean "deps"?',
  ],
  [
    "stages: {a: {outs: [x]}}",
    "DVC_YAML_SCHEMA dvc.yaml: stages.a.cmd: expected a command line or a list of them",
  ],
  [
    "stages: {a: {cmd: 'x ${b}'}}",
    "DVC_YAML_TEMPLATE dvc.yaml: stages.a.cmd: ${b}: expected a variable of params.yaml or vars, got an unknown one",
  ],
  [
    "stages: {a: {cmd: x, deps: ['s3://bucket/key']}}",
    'DVC_YAML_SCHEMA a: expected a path (what this version reads), got "s3://bucket/key"',
  ],
  ["stages:\n  a: [", "DVC_YAML_SCHEMA dvc.yaml:2:7: expected valid YAML, got "],
])("%s is refused", async (dvcYaml, message) => {
  expect(await refusal(dvcYaml)).toContain(message);
});

test("values of params.yaml are put in with Python's spelling", async () => {
  const stages = await read(
    `stages:
  a:
    cmd: 'run \${x.lr} \${x.on} \${x.list[1]} \${x.none} \\\${kept}'
    deps: ['\${x.name}.csv']
    params: [x.lr, {other.yaml: null}, {params.yaml: [x.on]}]
  b: {cmd: ['\${lines[0]}', two], wdir: sub}
`,
    "x: {lr: 1e-5, on: true, list: [1, 2.0], none: null, name: data}\nlines: [one, two]\n",
  );
  expect(stages[0]).toMatchObject({
    cmd: "run 1e-05 true 2.0 None ${kept}",
    deps: ["data.csv"],
    params: [
      { file: "params.yaml", keys: ["x.lr", "x.on"] },
      { file: "other.yaml", keys: null },
    ],
  });
  expect(stages[1]).toMatchObject({ cmd: ["one", "two"], folder: join(folder, "sub") });
});

test("a frozen stage keeps its edges, but a run does not follow them", async () => {
  const stages = await read(`stages:
  a: {cmd: x, outs: [a]}
  b: {cmd: x, deps: [a], outs: [b], frozen: true}
`);
  const graph = buildGraph(stages, folder);
  expect(graph.upstream.get("b")).toEqual(["a"]);
  expect(activeGraph(graph).upstream.get("b")).toEqual([]);
});

test("a dep meets the out around it and the outs inside it, in the order of a walk through folders", async () => {
  const stages = await read(`stages:
  s1: {cmd: x, outs: [d/a/x]}
  s2: {cmd: x, outs: [d/b]}
  s3: {cmd: x, outs: [d/a/y]}
  all: {cmd: x, deps: [d]}
  part: {cmd: x, deps: [d/b/inner, da]}
`);
  const graph = buildGraph(stages, folder);
  expect(graph.upstream.get("all")).toEqual(["s1", "s3", "s2"]);
  expect(graph.upstream.get("part")).toEqual(["s2"]);
  expect(isMadeBy(graph, join(folder, "d/b/inner"))).toBe(true);
  expect(isMadeBy(graph, join(folder, "da"))).toBe(false);
});

test("an out of a .dvc file and an out of a stage do not meet, and neither holds the other's file", async () => {
  const [stage] = await read("stages: {a: {cmd: x, outs: [d]}}\n");
  const added = (name: string, path: string): Stage => ({
    ...stage!,
    name: null,
    address: `${name}.dvc`,
    file: join(folder, `${name}.dvc`),
    outs: [{ ...stage!.outs[0]!, path }],
  });
  expect(() => buildGraph([stage!, added("e", "d/e")], folder)).toThrow(
    'dvc.yaml, e.dvc: expected each out in one stage, got "d/e" in "a" and "e.dvc"',
  );
  expect(() => buildGraph([stage!, added("d/e", "f")], folder)).toThrow(
    'dvc.yaml: stages.a: expected outs that hold no stages, got "d", which holds d/e.dvc',
  );
  expect(buildGraph([stage!, added("e", "e")], folder).makers.get(join(folder, "e"))).toBe("e.dvc");
});

test("a chain of ten thousand stages makes a graph, and a cycle that long is found", async () => {
  const chain = (first: string) =>
    Array.from(
      { length: 10_000 },
      (_, i) => `  s${i}: {cmd: x, deps: [${i === 0 ? first : `f${i - 1}`}], outs: [f${i}]}\n`,
    ).join("");
  const graph = buildGraph(await read(`stages:\n${chain("in")}`), folder);
  expect(graph.upstream.get("s9999")).toEqual(["s9998"]);
  expect(await refusal(`stages:\n${chain("f9999")}`)).toContain("DVC_YAML_GRAPH");
});

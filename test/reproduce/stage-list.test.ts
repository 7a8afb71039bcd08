// biome-ignore-all lint/suspicious/noTemplateCurlyInString: templates of dvc.yaml look like those of JavaScript
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { realEffects } from "../../src/core/effects.ts";
import { openRepository } from "../../src/reproduce/files/repository.ts";
import { listedStage, listStages, stageTable } from "../../src/reproduce/pipeline/list-stages.ts";
import { createProject } from "./project.ts";

const project = createProject({
  "params.yaml": "lr: 0.1\nregions: [eu, us]\n",
  "dvc.yaml": `stages:
  prepare: {cmd: [a, b], deps: [raw.csv], params: [lr], wdir: ., desc: "\\n  Cleans the data \\n more"}
  train:
    foreach: \${regions}
    do:
      cmd: train --lr \${lr} \${item}
      deps: ['data/\${item}.csv']
      outs: ['model-\${item}.bin', {'log-\${item}.txt': {cache: false}}]
      metrics: [m.json]
  report: {cmd: x, deps: [m.json], params: [lr, {other.json: null}]}
  always: {cmd: date}
`,
  "sub/dvc.yaml": `stages: {long: {cmd: x, outs: [${"o".repeat(90)}], frozen: true}}\n`,
  "data.csv.dvc":
    "outs:\n- md5: d41d8cd98f00b204e9800998ecf8427e\n  size: 0\n  hash: md5\n  path: data.csv\n",
});
afterAll(() => project.remove());

async function list(targets: readonly string[], options = {}, cwd = project.folder) {
  const repository = await openRepository(cwd, {}, realEffects);
  const asked = { targets, all: false, recursive: false, ...options };
  const stages = await listStages(asked, repository, realEffects);
  return { table: stageTable(stages, true), json: stages.map((each) => listedStage(each, cwd)) };
}

/** Printed by `dvc stage list` of 3.67.1 for these files. */
test("the table is DVC's", async () => {
  expect((await list([])).table).toBe(`prepare   Cleans the data
train@eu  Outputs model-eu.bin, log-eu.txt; Reports m.json
train@us  Outputs model-us.bin, log-us.txt; Reports m.json
report    Depends on m.json, params.yaml, other.json
always    No outputs or dependencies`);
  expect((await list(["sub/dvc.yaml", "data.csv.dvc"])).table).toBe(
    `sub/dvc.yaml:long  Outputs ${"o".repeat(71)}…\ndata.csv.dvc       Outputs data.csv`,
  );
});

test("--json shows the keys that are written, templates filled in, and the values these used", async () => {
  expect((await list(["train@eu"])).json).toEqual([
    {
      stage: "train@eu",
      file: "dvc.yaml",
      cmd: "train --lr 0.1 eu",
      deps: ["data/eu.csv"],
      outs: ["model-eu.bin", { "log-eu.txt": { cache: false } }],
      metrics: ["m.json"],
      tracked: { "params.yaml": { lr: 0.1, "regions.0": "eu" } },
    },
  ]);
});

test("targets are files, stages, groups and folders; from a folder inside, addresses lead out", async () => {
  const names = async (...asked: Parameters<typeof list>) =>
    (await list(...asked)).json.map(({ stage }) => stage);
  expect(await names(["train", "train@eu"])).toEqual(["train@eu", "train@us"]);
  expect(await names(["sub/dvc.yaml:long"])).toEqual(["long"]);
  expect(await names(["sub"], { recursive: true })).toEqual(["long"]);
  expect(await names([], { all: true })).toHaveLength(7);
  await expect(list(["trian"])).rejects.toThrow(
    'target: expected a stage of dvc.yaml, got "trian"',
  );
  await expect(list(["none/dvc.yaml"])).rejects.toThrow("none/dvc.yaml: expected a pipeline");
  const inside = await list(["../dvc.yaml:always"], {}, join(project.folder, "sub"));
  expect(inside.table).toBe("../dvc.yaml:always  No outputs or dependencies");
});

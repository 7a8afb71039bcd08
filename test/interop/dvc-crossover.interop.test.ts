import { execFileSync } from "node:child_process";
import { chmodSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { createProject, type TestProject } from "../reproduce/project.ts";
import { duetmind, dvc } from "./dvc-command.ts";

/**
 * One repository with all that pipelines have, made once by DuetMind and once by real DVC: each finds
 * the other's work up to date, restores it, and left the same bytes.
 */
const FILES = {
  "raw/é😀.txt": "hi\n",
  "raw/ﬁ/a b": "x",
  "raw/empty": "",
  "raw/run.sh": "#!/bin/sh\n",
  "one file.bin": "0123456789",
  "params.yaml": `split: {ratio: 0.20, seeds: [1, 2.5, null]}
regions: {eu: {code: 1}, us: {code: 2}}
flags: {deep: {rate: 1e-05}, verbose: true, quiet: false, names: [a b, "it's"]}
`,
  "extra.json": '{"k": 1.0, "z": {"q": [1, "é"]}}',
  "extra.toml": "[model]\ndepth = 3\nname = 'é'\n",
  "extra.py": "RATE = 0.001\nclass Config:\n    layers = [1, 2]\n",
  "dvc.yaml": `vars:
- extra.toml
- suffix: .txt
stages:
  prepare:
    cmd: mkdir prepared && cp -r raw prepared/ && echo \${split.ratio} > "prepared/é😀\${suffix}"
    deps: [raw, one file.bin]
    params: [split, {extra.json: null}, {extra.toml: [model.depth]}, {extra.py: [RATE, Config.layers]}]
    outs: [prepared]
  listed:
    foreach: [eu, 1.50, true]
    do:
      cmd: mkdir -p by/\${item} && cp prepared/*.txt by/\${item}/
      deps: [prepared]
      outs: ["by/\${item}"]
  keyed:
    foreach: \${regions}
    do:
      cmd: echo \${key} \${item.code} \${model.name} > region-\${key}.txt
      deps: [prepared]
      outs: ["region-\${key}.txt"]
  grid:
    matrix:
      rate: [0.1, 1e-3]
      kind: [a, {n: b}]
    cmd: echo \${item.rate} > grid-\${key}.txt
    deps: [prepared]
    outs: ["grid-\${key}.txt"]
  train:
    cmd:
    - echo \${flags} > flags.txt
    - printf '#!/bin/sh\\n' > tool.sh && chmod +x tool.sh && touch nothing
    - |-
      echo '{"acc": 0.5, "loss": 1e-5}' > m.json
      echo 1 > /dev/null
    - printf 'x,y\\n1,2\\n' > curve.csv
    deps: [prepared]
    outs: [flags.txt, tool.sh, nothing: {persist: true}]
    metrics: [m.json: {cache: false}]
    plots: [curve.csv: {x: x, y: y}]
  within:
    cmd: cat ../flags.txt > copy.txt
    wdir: sub
    deps: [../flags.txt]
    outs: [copy.txt]
    desc: in a folder of its own
    meta: {who: me}
`,
  "sub/keep": "",
  "nested/dvc.yaml": `stages:
  far:
    cmd: cp ../tool.sh tool && cp ../nothing there
    deps: [../tool.sh, ../nothing]
    outs: [tool, there]
`,
} as const;
const UP_TO_DATE = "Data and pipelines are up to date.\n";
const MADE = ["raw", "one file.bin", "prepared", "by", "tool.sh", "flags.txt", "nested/tool"];

const open: TestProject[] = [];
afterAll(() => {
  for (const project of open) project.remove();
});

function repository(): TestProject {
  const project = createProject(FILES);
  chmodSync(join(project.folder, "raw/run.sh"), 0o755);
  open.push(project);
  return project;
}

function madeByDuetMind(): TestProject {
  const project = repository();
  duetmind(project.folder, "add", "raw", "one file.bin");
  duetmind(project.folder, "reproduce", "--all-pipelines");
  return project;
}

function madeByDvc(): TestProject {
  const project = repository();
  dvc(project.folder, "init", "--no-scm");
  dvc(project.folder, "add", "raw", "one file.bin");
  dvc(project.folder, "repro", "--all-pipelines");
  return project;
}

function removeMade({ folder }: TestProject): void {
  for (const path of MADE) rmSync(join(folder, path), { recursive: true });
}

test("what DuetMind made is up to date for DVC, which runs nothing and restores what is deleted", () => {
  const made = madeByDuetMind();
  const lock = made.read("dvc.lock");
  expect(dvc(made.folder, "status")).toBe(UP_TO_DATE);
  expect(dvc(made.folder, "repro", "--all-pipelines")).not.toContain("Running stage");
  expect(made.read("dvc.lock")).toBe(lock);
  removeMade(made);
  dvc(made.folder, "checkout");
  expect(duetmind(made.folder, "status")).toBe(UP_TO_DATE);
  expect(statSync(join(made.folder, "nested/tool")).mode & 0o111).not.toBe(0);
}, 120_000);

test("what DVC made is up to date for DuetMind, which runs nothing and restores what is deleted", () => {
  const made = madeByDvc();
  const lock = made.read("dvc.lock");
  expect(duetmind(made.folder, "status")).toBe(UP_TO_DATE);
  expect(JSON.parse(duetmind(made.folder, "status", "--json"))).toEqual({});
  const { stages } = JSON.parse(
    duetmind(made.folder, "reproduce", "--all-pipelines", "--json"),
  ) as { stages: { state: string }[] };
  expect(stages.map(({ state }) => state)).toEqual(stages.map(() => "unchanged"));
  expect(made.read("dvc.lock")).toBe(lock);
  removeMade(made);
  duetmind(made.folder, "checkout");
  expect(dvc(made.folder, "status")).toBe(UP_TO_DATE);
  expect(statSync(join(made.folder, "nested/tool")).mode & 0o111).not.toBe(0);
}, 120_000);

test("both leave the same locks, .dvc files and cache, the run-cache with it", () => {
  const [ours, theirs] = [madeByDuetMind(), madeByDvc()].map(bytesOf);
  expect(ours).toEqual(theirs);
}, 120_000);

/** Every file of the cache and every file that a tool wrote about the pipelines. */
function bytesOf({ folder }: TestProject): Readonly<Record<string, string>> {
  const all = readdirSync(folder, { recursive: true, encoding: "utf8" }).sort();
  const kept = all.filter(
    (path) => /^\.dvc\/cache\/(files|runs)\/|dvc\.lock$|[^/]\.dvc$/.test(path) && isFile(path),
  );
  return Object.fromEntries(kept.map((path) => [path, readFileSync(join(folder, path), "latin1")]));
  function isFile(path: string): boolean {
    return statSync(join(folder, path)).isFile();
  }
}

const CHANGES: Readonly<Record<string, (project: TestProject) => void>> = {
  "a file of a tracked folder": (p) => p.write("raw/é😀.txt", "other\n"),
  "a new file in a tracked folder": (p) => p.write("raw/new", ""),
  "a tracked folder is gone": ({ folder }) => rmSync(join(folder, "raw"), { recursive: true }),
  "a .dvc file alone is gone": ({ folder }) => rmSync(join(folder, "raw.dvc")),
  "parameters of every format": (p) => {
    p.write("params.yaml", FILES["params.yaml"].replace("0.20", "0.3"));
    p.write("extra.json", '{"k": 2, "new": 1}');
    p.write("extra.py", "RATE = 1e-3\nclass Config:\n    layers = [1]\n");
  },
  "an equal number in another spelling": (p) =>
    p.write("extra.json", FILES["extra.json"].replace("1.0", "1")),
  "a parameter file is gone": ({ folder }) => rmSync(join(folder, "extra.json")),
  "a used value of vars": (p) => p.write("extra.toml", "[model]\ndepth = 3\nname = 'b'\n"),
  "a command": (p) => p.write("dvc.yaml", FILES["dvc.yaml"].replace("cat ../", "cat  ../")),
  "a stage more and an out less": (p) =>
    p.write(
      "dvc.yaml",
      `${FILES["dvc.yaml"].replace("flags.txt, tool.sh,", "tool.sh,")}  late: {cmd: echo, deps: [raw]}\n`,
    ),
  "an out is gone": ({ folder }) => rmSync(join(folder, "tool.sh")),
  "an out is another": (p) => p.write("m.json", "{}"),
  "the cache is gone": ({ folder }) => rmSync(join(folder, ".dvc/cache"), { recursive: true }),
  "the lock is gone": ({ folder }) => rmSync(join(folder, "dvc.lock")),
  "a frozen stage and one that always runs": (p) =>
    p.write(
      "dvc.yaml",
      FILES["dvc.yaml"]
        .replace("    desc: in", "    frozen: true\n    desc: in")
        .replace("  train:\n", "  train:\n    always_changed: true\n"),
    ),
};

test("status says the same, word for word, of every change", () => {
  const made = madeByDvc();
  for (const [change, apply] of Object.entries(CHANGES)) {
    const folder = `${made.folder}-changed`;
    execFileSync("cp", ["-a", made.folder, folder]);
    const copy = { ...made, ...pathsOf(folder) };
    try {
      apply(copy);
      const theirs = JSON.parse(dvc(folder, "status", "--json")) as unknown;
      const ours = JSON.parse(duetmind(folder, "status", "--json")) as unknown;
      expect({ change, status: ours }).toEqual({ change, status: theirs });
      expect(duetmind(folder, "status")).toBe(dvc(folder, "status"));
    } finally {
      rmSync(folder, { recursive: true });
    }
  }
}, 240_000);

function pathsOf(folder: string): Pick<TestProject, "folder" | "write"> {
  return { folder, write: (path, text) => writeFileSync(join(folder, path), text) };
}

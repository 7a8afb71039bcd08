import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { pythonJsonText } from "../../src/reproduce/values/python-text.ts";
import { isValueList, isValueMap, type Value } from "../../src/reproduce/values/value.ts";
import { createProject, type TestProject } from "../reproduce/project.ts";
import { dvc, dvcScript } from "./dvc-command.ts";
import { toPythonJson, valueDocument, valueTree } from "./dvc-values.ts";

/**
 * A thousand random trees and parameter files: `reproduce` writes dvc.lock, then DVC writes it anew
 * from the same files. Ten repositories of a hundred stages, since DVC's own time grows with the square.
 */
const REPOSITORIES = 10;
const STAGES = 100;

type RandomFile = Readonly<{ path: string; content: Uint8Array; isExecutable: boolean }>;
type RandomStage = Readonly<{
  tree: readonly RandomFile[];
  file: Omit<RandomFile, "path">;
  params: Params;
}>;
type Params = Readonly<{ format: Format; values: ReadonlyMap<string, Value>; isWhole: boolean }>;
type Format = "yaml" | "json" | "toml" | "py";

const open: TestProject[] = [];
afterAll(() => {
  for (const project of open) project.remove();
});

test("a thousand random trees and parameter files have DVC's hashes and DVC's lock", async () => {
  const stages = fc.sample(stage, { numRuns: REPOSITORIES * STAGES, seed: 20260 });
  const projects = Array.from({ length: REPOSITORIES }, (_, i) => {
    const project = createProject({});
    open.push(project);
    writeRepository(project, stages.slice(i * STAGES, (i + 1) * STAGES));
    return project;
  });
  const locks: string[] = [];
  for (const project of projects) {
    expect(await project.run()).toMatchObject({ ok: true, lockChanged: true });
    locks.push(project.read("dvc.lock"));
  }
  expect(dvc(projects[0]!.folder, "status")).toBe("Data and pipelines are up to date.\n");
  for (const { folder } of projects) rmSync(join(folder, "dvc.lock"));
  const script = join(import.meta.dirname, "dvc", "commit-all.py");
  dvcScript(script, ...projects.map(({ folder }) => folder));
  for (const [i, project] of projects.entries()) expect(locks[i]).toBe(project.read("dvc.lock"));
  expect(locks.join("").match(/md5: [0-9a-f]{32}\.dir/g)).toHaveLength(2 * REPOSITORIES * STAGES);
  for (const project of projects) expect(await project.run()).toMatchObject({ lockChanged: false });
}, 600_000);

function writeRepository(project: TestProject, stages: readonly RandomStage[]): void {
  const definitions = stages.map(({ tree, file, params }, i) => {
    mkdirSync(join(project.folder, `tree-${i}`));
    for (const each of tree) writeRandomFile(join(project.folder, `tree-${i}`, each.path), each);
    writeRandomFile(join(project.folder, `file-${i}`), file);
    const name = `params-${i}.${params.format}`;
    project.write(name, paramsText(params));
    const keys = params.isWhole ? "null" : `[${[...params.values.keys()].join(", ")}]`;
    return `  s${i}:
    cmd: cp -r tree-${i} out-${i}
    deps: [tree-${i}, file-${i}]
    params: [{${name}: ${keys}}]
    outs: [out-${i}]
`;
  });
  project.write("dvc.yaml", `stages:\n${definitions.join("")}`);
}

function writeRandomFile(path: string, file: Omit<RandomFile, "path">): void {
  mkdirSync(dirname(path), { recursive: true });
  if (existsSync(path)) return; // a folder of this name holds other files of the tree
  writeFileSync(path, file.content);
  if (file.isExecutable) chmodSync(path, 0o755);
  expect(readFileSync(path)).toHaveLength(file.content.length);
}

/** Text as it is, not as escapes: YAML and Python take `\ud83d\ude00` for two halves. */
const quote = (text: string) =>
  pythonJsonText(text).replace(/(?:\\u[d][89ab]..\\u[d][cdef]..)/g, (pair) =>
    JSON.parse(`"${pair}"`),
  );

function paramsText({ format, values }: Params): string {
  switch (format) {
    case "json":
      return toPythonJson(values);
    case "yaml":
      return toPythonJson(values, quote);
    case "py":
      return lines(values, (value) => toPythonText(value));
    case "toml":
      return lines(values, toToml);
  }
}

function lines(values: ReadonlyMap<string, Value>, write: (value: Value) => string): string {
  return [...values].map(([key, value]) => `${key} = ${write(value)}\n`).join("");
}

function toPythonText(value: Value): string {
  if (value === null) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (isValueList(value)) return `[${value.map(toPythonText).join(", ")}]`;
  if (!isValueMap(value)) return toPythonJson(value, quote);
  const pairs = [...value].map(([key, item]) => `${quote(String(key))}: ${toPythonText(item)}`);
  return `{${pairs.join(", ")}}`;
}

function toToml(value: Value): string {
  if (isValueList(value)) return `[${value.map(toToml).join(", ")}]`;
  if (!isValueMap(value)) return toPythonJson(value, quote);
  return `{${[...value].map(([key, item]) => `${quote(String(key))} = ${toToml(item)}`).join(", ")}}`;
}

/**
 * TOML has no null, and its integers are of 64 bits. Not among them: keys that are whole numbers, which
 * the reader of TOML puts before the others.
 */
function isTomlValue(value: Value): boolean {
  if (value === null) return false;
  if (typeof value === "bigint") return value >= -(2n ** 63n) && value < 2n ** 63n;
  if (isValueList(value)) return value.every(isTomlValue);
  if (!isValueMap(value)) return true;
  return [...value].every(([key, item]) => !/^\d+$/.test(String(key)) && isTomlValue(item));
}

const segment = fc.oneof(
  { weight: 5, arbitrary: fc.stringMatching(/^[a-z0-9_-]{1,8}$/) },
  { weight: 2, arbitrary: fc.constantFrom("é", "e\u0301", "😀", "ﬁ", "a b", "'q'", "x ", "日本") },
  {
    weight: 1,
    arbitrary: fc
      .string({ unit: "binary", minLength: 1, maxLength: 8 })
      .filter((name) => !/^\.|[/\\\0]/.test(name)),
  },
);
const file = fc.record({
  content: fc.oneof(fc.uint8Array({ maxLength: 60 }), fc.constant(new Uint8Array())),
  isExecutable: fc.boolean(),
});
const tree = fc
  .array(
    fc.tuple(fc.array(segment, { minLength: 1, maxLength: 3 }), file).map(([path, content]) => ({
      path: path.join("/"),
      ...content,
    })),
    { maxLength: 12 },
  )
  // a path is a file or a folder, not both
  .map((files) =>
    files.filter((each, i) =>
      files.every((other, j) => i === j || !clash(each.path, other.path, i > j)),
    ),
  );

function clash(path: string, other: string, isLater: boolean): boolean {
  return path.startsWith(`${other}/`) || (path === other && isLater);
}

const identifiers = fc
  .array(fc.tuple(fc.stringMatching(/^p_[a-z0-9_]{0,12}$/), valueTree), {
    minLength: 1,
    maxLength: 5,
  })
  .map((pairs): ReadonlyMap<string, Value> => new Map(pairs));
const params: fc.Arbitrary<Params> = fc.oneof(
  fc.record({
    format: fc.constantFrom<Format>("yaml", "json"),
    values: valueDocument,
    isWhole: fc.constant(true),
  }),
  fc.record({
    format: fc.constantFrom<Format>("yaml", "json", "py"),
    values: identifiers,
    isWhole: fc.boolean(),
  }),
  fc.record({
    format: fc.constant<Format>("toml"),
    values: identifiers.filter((values) => [...values.values()].every(isTomlValue)),
    isWhole: fc.boolean(),
  }),
);
const stage: fc.Arbitrary<RandomStage> = fc.record({ tree, file, params });

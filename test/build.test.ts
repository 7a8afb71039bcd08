import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";

/** What `scripts/bundle.mjs` makes of src/: few files to load, stacks that lead to the source. */
const root = join(import.meta.dirname, "..");
const folder = mkdtempSync(join(tmpdir(), "duetmind-build-"));
const loader = join(folder, "loader.mjs");
writeFileSync(
  loader,
  `import { appendFileSync } from "node:fs";
   export async function load(url, context, next) {
     if (url.startsWith("file:")) appendFileSync(${JSON.stringify(join(folder, "loaded"))}, url + "\\n");
     return next(url, context);
   }`,
);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test.each([
  [["--version"], 5],
  [["status", "--help"], 8],
  [["reproduce", "--help"], 12],
  [["validate", "--help"], 40],
])("%s loads at most %i files", (argv, most) => {
  writeFileSync(join(folder, "loaded"), "");
  const bin = join(root, "bin", "duetmind.js");
  const options = ["--no-warnings", "--experimental-loader", loader, bin, ...argv];
  const { status, stderr } = spawnSync(process.execPath, options, { encoding: "utf8" });
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  const loaded = readFileSync(join(folder, "loaded"), "utf8").trimEnd().split("\n");
  expect(loaded.length).toBeLessThanOrEqual(most);
});

test("a light command does not load what Node has for processes, hashes and questions", () => {
  writeFileSync(
    join(folder, "list.cjs"),
    'process.on("exit", () => console.log(JSON.stringify(process.moduleLoadList)));',
  );
  const bin = join(root, "bin", "duetmind.js");
  const words = ["--require", join(folder, "list.cjs"), bin, "status", "--quiet"];
  const { stdout } = spawnSync(process.execPath, words, { cwd: folder, encoding: "utf8" });
  const loaded = JSON.parse(stdout) as readonly string[];
  expect(loaded).toContain("NativeModule fs");
  for (const name of ["child_process", "crypto", "readline/promises"]) {
    expect(loaded).not.toContain(`NativeModule ${name}`);
  }
});

test("with source maps on, a stack names the file and line of src/", () => {
  const library = new URL("../dist/index.js", import.meta.url).href;
  const script = `import { parseContract } from "${library}"; parseContract(1, "here");`;
  const { stderr } = spawnSync(
    process.execPath,
    ["--enable-source-maps", "--input-type=module", "-e", script],
    { encoding: "utf8" },
  );
  expect(stderr).toMatch(/src\/validation\/parse-contract\.ts:\d+:\d+/);
});

test("names stay, so that a stack can be read without maps", () => {
  const library = new URL("../dist/index.js", import.meta.url).href;
  const script = `import { parseContract } from "${library}"; parseContract(1, "here");`;
  const { stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", script], {
    encoding: "utf8",
  });
  expect(stderr).toMatch(/at parseContract /);
});

test("the licences of the packages that became part of the build are shipped", () => {
  const chunks = readdirSync(join(root, "dist", "chunks"));
  const maps = chunks.filter((name) => name.endsWith(".map"));
  const sources = maps.flatMap(
    (name) =>
      (
        JSON.parse(readFileSync(join(root, "dist", "chunks", name), "utf8")) as {
          sources: string[];
        }
      ).sources,
  );
  const packages = new Set(
    sources.flatMap((path) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? []),
  );
  expect(packages.size).toBeGreaterThan(0);
  const licences = readFileSync(join(root, "dist", "chunks", "LICENSES.txt"), "utf8");
  expect([...packages].filter((name) => !licences.includes(`${name}\n`))).toEqual([]);
});

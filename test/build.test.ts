import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, expect, test } from "vitest";

/** What `scripts/bundle.mjs` makes of src/: few files to load, stacks that lead to the source. */
const root = join(import.meta.dirname, "..");
const folder = mkdtempSync(join(tmpdir(), "duetmind-build-"));
const listed = join(folder, "listed.json");
const lister = join(folder, "lister.cjs");
writeFileSync(
  lister,
  `process.on("exit", () => {
     const loaded = { files: Object.keys(require.cache), modules: process.moduleLoadList };
     require("node:fs").writeFileSync(${JSON.stringify(listed)}, JSON.stringify(loaded));
   });`,
);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What a command line has loaded when it ends: files of ours and of packages, and Node's own modules. */
function loadedBy(...argv: readonly string[]) {
  const words = ["--require", lister, join(root, "bin", "duetmind.js"), ...argv];
  const { status, stderr } = spawnSync(process.execPath, words, { cwd: folder, encoding: "utf8" });
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  const loaded = JSON.parse(readFileSync(listed, "utf8")) as Readonly<
    Record<"files" | "modules", readonly string[]>
  >;
  return { ...loaded, files: loaded.files.filter((path) => path !== lister) };
}

test.each([
  [["--version"], 4],
  [["status", "--help"], 6],
  [["reproduce", "--help"], 12],
  [["validate", "--help"], 40],
])("%s loads at most %i files", (argv, most) => {
  const { files } = loadedBy(...argv);
  expect(files).toContain(join(root, "dist", "cli", "main.cjs"));
  expect(files.length).toBeLessThanOrEqual(most);
});

test("a light command loads nothing of Node's for processes, hashes, questions and ES modules", () => {
  const { modules } = loadedBy("status", "--quiet");
  expect(modules).toContain("NativeModule fs");
  const heavy = ["child_process", "crypto", "readline/promises", "internal/modules/esm/load"];
  for (const name of heavy) expect(modules).not.toContain(`NativeModule ${name}`);
});

test("what Node loads at its first use promises what it promised", () => {
  const plugin = pathToFileURL(join(root, "scripts", "lazy-modules.mjs")).href;
  const script = `import { promisify } from "node:util";
    import { lazyModules } from ${JSON.stringify(plugin)};
    const code = lazyModules.load("\\0lazy node:child_process");
    const { exec, execFile } = await import("data:text/javascript," + encodeURIComponent(code));
    const promised = [promisify(execFile)(process.execPath, ["-p", "6 * 7"]), promisify(exec)("echo here")];
    console.log(JSON.stringify(await Promise.all(promised)));`;
  const words = ["--input-type=module", "-e", script];
  const { stdout, stderr } = spawnSync(process.execPath, words, { encoding: "utf8" });
  expect(stderr).toBe("");
  expect(JSON.parse(stdout)).toEqual([
    { stdout: "42\n", stderr: "" },
    { stdout: "here\n", stderr: "" },
  ]);
});

test("no package is loaded as a CommonJS and as an ES module, which would be two of it", () => {
  const chunks = readdirSync(join(root, "dist/cli/chunks")).filter((name) => name.endsWith(".cjs"));
  const code = chunks.map((name) => readFileSync(join(root, "dist/cli/chunks", name), "utf8"));
  const packagesOf = (call: RegExp) =>
    new Set(code.flatMap((text) => [...text.matchAll(call)].map(([, name]) => name!)));
  const required = packagesOf(/\brequire\("(@[^"/]+\/[^"/]+|[^@".:/][^":/]*)/g);
  expect(required).toContain("fastify");
  const imported = packagesOf(/\bimport\("(@[^"/]+\/[^"/]+|[^@".:/][^":/]*)/g);
  const both = [...imported].filter((name) => required.has(name));
  expect(both).toEqual(["pg"]); // whose ES module hands on what its CommonJS has
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
  const sources = ["dist/chunks", "dist/cli/chunks"].flatMap((path) =>
    readdirSync(join(root, path))
      .filter((name) => name.endsWith(".map"))
      .flatMap((name) => {
        const map = JSON.parse(readFileSync(join(root, path, name), "utf8"));
        return (map as { sources: string[] }).sources;
      }),
  );
  const packages = new Set(
    sources.flatMap((path) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? []),
  );
  expect(packages.size).toBeGreaterThan(0);
  const licences = readFileSync(join(root, "dist", "LICENSES.txt"), "utf8");
  expect([...packages].filter((name) => !licences.includes(`${name}\n`))).toEqual([]);
});

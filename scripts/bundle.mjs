// Writes the JavaScript of dist/. Loading hundreds of small modules costs more than a light command
// does, so our code, and the pure JavaScript packages that many commands use, become a few chunks.
// Nothing is minified and names stay; a map beside each file leads back to the lines of src/
// (NODE_OPTIONS=--enable-source-maps). Every other package stays an import.
//
// The command line is built as CommonJS, in dist/cli/: Node 20 takes 10 ms to get its loader of ES modules
// ready, and half a millisecond more for each module. All the rest is ES modules.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { rolldown } from "rolldown";
import { isLazyModule, lazyModules } from "./lazy-modules.mjs";

/** The public surface, the workers, and what the snapshot's maker and tests load. */
const ENTRIES = [
  "index",
  "memory",
  "store/embedded-worker",
  "agent-memory/embedding/embedding-worker",
  "core/effects",
  "core/process-lock",
  "store/database",
  "store/embedded-folder",
  "store/embedded-paths",
  "store/folder-archive",
  "store/params",
];

/** One chunk each, or part of the start's; their licences are shipped beside them. */
const BUNDLED = ["@duckdb/node-api", "commander", "kysely", "yaml", "zod"];

/**
 * What the commands of pipelines share: a dozen small chunks would cost more than what some do not need.
 * What asks git is not among it: Node's own modules that start processes take as long to load as all of it.
 */
const REPRODUCE = {
  name: "reproduce",
  test: /src[\\/]reproduce[\\/](cache|files|pipeline|values)[\\/](?!git-ignore)|src[\\/]core[\\/](hash|parse)/,
};

export async function bundle(root, dist) {
  const inputs = (names) =>
    Object.fromEntries(names.map((name) => [name, join(root, "src", `${name}.ts`)]));
  const output = {
    dir: dist,
    sourcemap: true,
    sourcemapExcludeSources: true,
    comments: { legal: true, annotation: false, jsdoc: false },
  };
  const modules = {
    ...output,
    format: "esm",
    entryFileNames: "[name].js",
    chunkFileNames: "chunks/[name].js",
  };
  const commonJs = {
    ...output,
    format: "cjs",
    entryFileNames: "[name].cjs",
    chunkFileNames: "cli/chunks/[name].cjs",
  };
  const onNode = {
    cwd: root,
    platform: "node",
    external: (id) => /^[a-z@]/.test(id) && !BUNDLED.includes(id) && !isLazyModule(id),
    plugins: [lazyModules],
  };
  const apart = BUNDLED.filter((name) => name !== "commander"); // it is part of every start
  const packages = apart.map((name) => ({
    name: name.replace(/^@(.*)\//, "$1-"),
    test: join("node_modules", name, "/"),
  }));
  const source = (name) => join(root, "src", "cli", name);
  const start = chunkOfImports("start", source("main.ts"));
  const status = chunkOfImports("repository", source("commands/status.ts"));
  const commandLine = await rolldown({ ...onNode, input: inputs(["cli/main"]) });
  await commandLine.write({
    ...commonJs,
    codeSplitting: { groups: [...packages, start, status, REPRODUCE] },
  });
  const library = await rolldown({ ...onNode, input: inputs(ENTRIES) });
  await library.write({ ...modules, codeSplitting: { groups: packages } });
  // The client runs in browsers: one file that imports nothing.
  const client = await rolldown({
    cwd: root,
    platform: "browser",
    input: inputs(["client/create-tracking-client"]),
  });
  await client.write(modules);
  const licences = BUNDLED.map(
    (name) => `${name}\n\n${readFileSync(join(root, "node_modules", name, "LICENSE"), "utf8")}`,
  );
  writeFileSync(join(dist, "LICENSES.txt"), licences.join("\n"));
}

/** One chunk of all that a file loads at once: without chunks that stand before it in the list of groups. */
function chunkOfImports(name, file) {
  const loaded = new Set();
  return {
    debugName: name,
    name(id, context) {
      if (loaded.size === 0) addImports(file);
      return id !== file && loaded.has(id) ? name : null;
      function addImports(from) {
        for (const each of context.getModuleInfo(from)?.importedIds ?? []) {
          if (loaded.has(each)) continue;
          loaded.add(each);
          addImports(each);
        }
      }
    },
  };
}

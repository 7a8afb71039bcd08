import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { expect, test } from "vitest";

/**
 * What each room of src/ may import (DESIGN.md, "The house"). Type-only imports may look back.
 * Change this table in a commit of its own, with the reason.
 */
const EVERY_WRITER = ["audit", "events"];
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  // runs in browsers too: nothing of ours, nothing of Node
  client: [],
  core: [],
  table: ["core"],
  store: ["core"],
  artifacts: ["core"],
  audit: ["core", "store"],
  validation: ["core", "table"],
  features: ["core", "table"],
  // writing and running ONNX graphs: models and embeddings are both such graphs
  onnx: ["core"],
  models: ["core", "table", "onnx"],
  sample: ["core", "table"],
  // brings what is remote to files on this machine, before `table` reads them
  sources: ["core", "table", "artifacts"],
  // one language of filters and pages for all that is searched
  search: ["core"],
  // the client writes the mirror of a run to another server
  tracking: ["core", "store", "artifacts", "search", "client", ...EVERY_WRITER],
  registry: ["core", "store", "artifacts", "search", "tracking", ...EVERY_WRITER],
  // webhooks are listed page by page, and changing one is audited
  events: ["core", "store", "search", "audit"],
  access: ["core", "store", "audit"],
  // memories and sessions are listed page by page
  "agent-memory": ["core", "store", "search", "onnx", ...EVERY_WRITER],
  reproduce: ["core", "artifacts"],
  pipelines: [
    ...["core", "table", "store", "artifacts", "audit", "events", "validation", "features"],
    ...["onnx", "models", "sample", "sources", "tracking", "registry", "reproduce"],
    // params.yaml has a section of it
    "agent-memory",
    // an import reads another server as anybody does
    "client",
  ],
  // hands requests to services and never sees the database
  server: [
    ...["core", "access", "search", "artifacts", "tracking", "registry", "events", "pipelines"],
    "agent-memory",
  ],
  cli: ["*"],
};

const SRC = join(import.meta.dirname, "..", "src");
const files = readdirSync(SRC, { recursive: true, encoding: "utf8" })
  .filter((path) => path.endsWith(".ts"))
  .map((path) => path.replaceAll("\\", "/"))
  .sort();

type Import = Readonly<{ from: string; to: string; typeOnly: boolean }>;

function importsOf(path: string): Import[] {
  const text = readFileSync(join(SRC, path), "utf8");
  const statements = text.matchAll(
    /^(import|export)\s+(type\s+)?(?:[^;"']*?\sfrom\s+)?["'](\.[^"']+)["']|import\(\s*["'](\.[^"']+)["']\s*\)/gm,
  );
  return [...statements].map((match) => {
    const target = match[3] ?? match[4] ?? "";
    const onlyTypes = /^(import|export)\s*\{\s*(type\s+\w+(\s+as\s+\w+)?\s*,?\s*)+\}/.test(
      match[0],
    );
    return {
      from: path,
      to: normalize(join(dirname(path), target)).replaceAll("\\", "/"),
      typeOnly: match[2] !== undefined || onlyTypes,
    };
  });
}

const imports = files.flatMap(importsOf);

function room(path: string): string {
  return path.includes("/") ? path.slice(0, path.indexOf("/")) : "index"; // the public entries
}

test("every room imports only the rooms below it", () => {
  const wrong = imports
    .filter(({ from, to, typeOnly }) => {
      const [source, target] = [room(from), room(to)];
      if (typeOnly || source === target || source === "index" || to.startsWith("..")) return false;
      const allowed = MAY_IMPORT[source];
      return allowed === undefined || !(allowed.includes("*") || allowed.includes(target));
    })
    .map(({ from, to }) => `${from} -> ${to}`);
  expect(wrong).toEqual([]);
});

test("imports of values make no cycle between files", () => {
  const graph = new Map<string, string[]>();
  for (const { from, to, typeOnly } of imports) {
    if (!typeOnly) graph.set(from, [...(graph.get(from) ?? []), to]);
  }
  const state = new Map<string, "open" | "done">();
  const cycles: string[] = [];
  const visit = (path: string, trail: readonly string[]) => {
    if (state.get(path) === "done") return;
    if (state.get(path) === "open") {
      cycles.push([...trail.slice(trail.indexOf(path)), path].join(" -> "));
      return;
    }
    state.set(path, "open");
    for (const next of graph.get(path) ?? []) visit(next, [...trail, path]);
    state.set(path, "done");
  };
  for (const path of graph.keys()) visit(path, []);
  expect(cycles).toEqual([]);
});

test("only cli/ touches the process", () => {
  const wrong = files.filter((path) => {
    if (room(path) === "cli") return false;
    return /process\.(argv|env\b|exit\b|exitCode|stdout|stderr)/.test(
      readFileSync(join(SRC, path), "utf8").replace(/^\s*(\/\/|\*).*$/gm, ""),
    );
  });
  expect(wrong).toEqual([]);
});

test("only core/worker.ts starts a worker thread", () => {
  const starts = files.filter((path) => /new Worker\(/.test(readFileSync(join(SRC, path), "utf8")));
  expect(starts.filter((path) => path !== "core/worker.ts")).toEqual([]);
});

test("there are no barrels, catch-all names or default exports", () => {
  const wrong = files.filter(
    (path) =>
      /(^|\/)(utils?|helpers?|manager|common|misc)(\.ts|\/)/.test(path) ||
      (path.endsWith("/index.ts") && path !== "index.ts") ||
      /^export default/m.test(readFileSync(join(SRC, path), "utf8")),
  );
  expect(wrong).toEqual([]);
});

test("files stay small: 400 lines at most, half of them under 150", () => {
  const written = files.filter((path) => path !== "store/tables.ts"); // a script writes that one
  const lengths = written.map((path) => ({
    path,
    lines: readFileSync(join(SRC, path), "utf8").split("\n").length - 1,
  }));
  expect(lengths.filter(({ lines }) => lines > 400)).toEqual([]);
  const sorted = lengths.map(({ lines }) => lines).sort((a, b) => a - b);
  expect(sorted[Math.floor(sorted.length / 2)]).toBeLessThan(150);
});

test("an exported function or type of src carries a doc comment in most places", () => {
  let documented = 0;
  let total = 0;
  for (const path of files) {
    const lines = readFileSync(join(SRC, path), "utf8").split("\n");
    lines.forEach((line, i) => {
      if (!/^export (async )?(function|const|class) /.test(line)) return;
      total += 1;
      if (/\*\/\s*$/.test(lines[i - 1] ?? "")) documented += 1;
    });
  }
  expect(documented / total).toBeGreaterThan(0.6);
});

test("the table of rooms names no room that does not exist", () => {
  const rooms = new Set(files.map(room));
  expect(Object.keys(MAY_IMPORT).filter((name) => !rooms.has(name))).toEqual([]);
});

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";

const root = join(import.meta.dirname, "..", "..");
const folder = join(root, "dist", "client");
const scripts = readdirSync(folder).filter((name) => name.endsWith(".js"));
const text = (name: string) => readFileSync(join(folder, name), "utf8");
/** Without comments, which show how to import it. */
const code = (name: string) => text(name).replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, "");

test("the built client is one file that imports nothing", () => {
  expect(scripts).toEqual(["create-tracking-client.js"]);
  expect(code(scripts[0]!)).toContain("createTrackingClient");
  expect(code(scripts[0]!).match(/\b(import|require)\b.*/g)).toBeNull();
});

test("it knows nothing of Node", () => {
  const code = scripts
    .map(text)
    .join("\n")
    .replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, "");
  expect(code.match(/\b(Buffer|process|require|__dirname|setImmediate|node:)\b/g)).toBeNull();
});

test("it is as small as the docs say", () => {
  const bytes = gzipSync(scripts.map(text).join("\n")).byteLength;
  const page = readFileSync(join(root, "docs", "tracking-client.md"), "utf8");
  const said = Number(/about (\d+) kB gzipped/.exec(page)?.[1]);
  expect(Math.abs(bytes / 1000 - said)).toBeLessThanOrEqual(1);
});

test("the package exports it, with its types", () => {
  const { exports } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
    exports: Record<string, { types: string; import: string }>;
  };
  for (const path of Object.values(exports["./client"]!)) {
    expect(readFileSync(join(root, path), "utf8")).toContain("createTrackingClient");
  }
});

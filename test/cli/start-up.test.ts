import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";

const bin = join(import.meta.dirname, "..", "..", "bin", "duetmind.js");

/** A loader that refuses the heavy packages: whoever asks for one fails. */
const folder = mkdtempSync(join(tmpdir(), "duetmind-loader-"));
afterAll(() => rmSync(folder, { recursive: true }));
const loader = join(folder, "loader.mjs");
writeFileSync(
  loader,
  `export async function resolve(specifier, context, next) {
     if (/duckdb|pglite|onnxruntime|kysely|^pg$/.test(specifier)) throw new Error("loads " + specifier);
     return next(specifier, context);
   }`,
);

test.each([["--version"], ["--help"], ["sample", "alzheimer", "--help"]])(
  "%s %s %s loads no engine and no database",
  (...argv) => {
    const options = [
      "--no-warnings",
      "--experimental-loader",
      loader,
      bin,
      ...argv.filter(Boolean),
    ];
    const { status, stderr } = spawnSync(process.execPath, options, { encoding: "utf8" });
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  },
);

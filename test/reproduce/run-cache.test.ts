import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { findRuns, runKey, runValue, saveRun } from "../../src/reproduce/run/run-cache.ts";
import type { Value, ValueMap } from "../../src/reproduce/values/value.ts";

function file(path: string, md5: string, size: bigint): ValueMap {
  const pairs = Object.entries({ path, hash: "md5", md5, size }) as [string, Value][];
  return new Map(pairs);
}

const OUT = file("out", "c68271a63ddbc431c307beb7d2918275", 3n); // md5 of `out`
const md5 = (text: string) => createHash("md5").update(text).digest("hex");
const dep = (path: string) => file(path, md5("dep"), 3n);
const script = (path: string) => file(path, md5('open("out", "w+").write("out"); '), 32n);
const entry = (...pairs: readonly (readonly [string, Value])[]): ValueMap => new Map(pairs);

/** The vectors of DVC's own tests, made again with DVC 3.67.1: keys and values of three stages. */
test.each([
  [
    "deps",
    entry(
      ["cmd", "python script.py"],
      ["deps", [dep("dep"), script("script.py")]],
      ["outs", [OUT]],
    ),
    "c7a85d71de1912c43d9c5b6218c71630d6277e8fc11e4ccf5e12b3c202234838",
    "5e2824029f8da9ef6c57131a638ceb65f27c02f16c85d71e85671c27daed0501",
  ],
  [
    "params alone",
    entry(
      ["cmd", "python script.py"],
      [
        "params",
        new Map([
          [
            "params.yaml",
            new Map([
              ["bar", 2n],
              ["foo", 1n],
            ]),
          ],
          [
            "myparams.yaml",
            new Map([
              ["baz", 3n],
              ["qux", 4n],
            ]),
          ],
        ]),
      ],
      ["outs", [OUT]],
    ),
    "8fdb377d1b4c0a303b788771b122dfba9bbbbc43f14ce41d35715cf4fea08459",
    "9ce1963a69beb1299800188647cd960b7afff101be19fd46226e32bb8be8ee44",
  ],
  [
    "another working folder",
    entry(
      ["cmd", "python ../script.py"],
      ["deps", [dep("../dep"), script("../script.py")]],
      ["outs", [OUT]],
    ),
    "6ad5cce3347e9e96c77d4353d84e5c8cae8c9151c486c4ea3d3d79e9051800f1",
    "1fa3e1a9f785f8364ad185d62bd0813ce8794afcfc79410e985eac0443cc5462",
  ],
])("the run of a stage with %s has DVC's key and value", (_, run, key, value) => {
  expect([runKey(run), runValue(run)]).toEqual([key, value]);
});

test("the newest run comes first, and an entry that is none is removed", async () => {
  const folder = mkdtempSync(join(tmpdir(), "duetmind-runs-"));
  try {
    const first = entry(["cmd", "x"], ["deps", [dep("a")]], ["outs", [OUT]]);
    const second = entry(
      ["cmd", "x"],
      ["deps", [dep("a")]],
      ["outs", [new Map([...file("out", "0".repeat(32), 1n), ["isexec", true]])]],
    );
    const key = runKey(first);
    expect(runKey(second)).toBe(key);
    await saveRun(folder, first);
    await saveRun(folder, second);
    const place = join(folder, key.slice(0, 2), key);
    utimesSync(join(place, runValue(first)), 100, 100);
    writeFileSync(join(place, "f".repeat(64)), "outs: [\n");
    utimesSync(join(place, "f".repeat(64)), 50, 50);
    expect([...findRuns(folder, key)].map(({ outs }) => outs)).toEqual([
      [{ path: "out", md5: "0".repeat(32), isExecutable: true }],
      [{ path: "out", md5: "c68271a63ddbc431c307beb7d2918275", isExecutable: false }],
    ]);
    expect(readdirSync(place).sort()).toEqual([runValue(first), runValue(second)].sort());
    expect(readFileSync(join(place, runValue(first)), "utf8")).toBe(
      `cmd: x\ndeps:\n- path: a\n  hash: md5\n  md5: ${md5("dep")}\n  size: 3\nouts:\n- path: out\n  hash: md5\n  md5: c68271a63ddbc431c307beb7d2918275\n  size: 3\n`,
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});

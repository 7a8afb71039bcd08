import { createHash, randomBytes } from "node:crypto";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import fc from "fast-check";
import { expect, test } from "vitest";
import { createDigestingFile } from "../../src/artifacts/digesting-file.ts";
import { temporaryFolder } from "../support/database.ts";

const folder = temporaryFolder();
let files = 0;
const next = () => join(folder, String(files++));

test("chunks of any size are in the file in their order, and the digest is theirs", async () => {
  const sizes = fc.array(fc.integer({ min: 0, max: 700_000 }), { maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(sizes, async (lengths) => {
      const chunks = lengths.map((length) => randomBytes(length));
      const path = next();
      const file = createDigestingFile(path);
      await pipeline(Readable.from(chunks), file.stream);
      const whole = Buffer.concat(chunks);
      expect(readFileSync(path).equals(whole)).toBe(true);
      const hex = createHash("sha256").update(whole).digest("hex");
      expect(file.found()).toEqual({ digest: `sha256:${hex}`, sizeBytes: whole.length });
    }),
    { numRuns: 25 },
  );
});

test("only its owner may read it, and a file that is there stays as it is", async () => {
  const path = next();
  await pipeline(Readable.from([Buffer.from("a")]), createDigestingFile(path).stream);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  writeFileSync(path, "kept");
  const again = pipeline(Readable.from([Buffer.from("b")]), createDigestingFile(path).stream);
  await expect(again).rejects.toThrow("EEXIST");
  expect(readFileSync(path, "utf8")).toBe("kept");
});

test("a folder that is not there is an error of the stream", async () => {
  const bytes = Readable.from([Buffer.alloc(3 << 20)]);
  const file = createDigestingFile(join(next(), "no", "folder"));
  await expect(pipeline(bytes, file.stream)).rejects.toThrow("ENOENT");
});

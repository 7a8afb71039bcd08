import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { directoryObject, hashDirectoryObject } from "../../src/reproduce/cache/directory-hash.ts";

/** Hashes that DVC 3.67.1 gives to these trees (path → content). */
const VECTORS: readonly (readonly [Readonly<Record<string, string>>, string])[] = [
  [{}, "d751713988987e9331980363e24189ce.dir"],
  [{ foo: "foo", bar: "bar" }, "5ea40360f5b4ec688df672a4db9c17d1.dir"],
  [{ foo: "foo\n", "sub/bar": "bar\n" }, "d42a7a32b10c5db5714b704b0aeae236.dir"],
  [{ a: "", "b/é.txt": "x" }, "db1a258a9a788536f894130c7c4fab15.dir"],
  [{ "\u{1f600}": "1", "\ufb01": "2" }, "456a429efd3dbb7f074f3c4659dbd80d.dir"],
  [{ foo: "foo", bar: "bar", "subdir/data": "data" }, "8761c4e9acad696bee718615e23e22db.dir"],
  [{ data: "data" }, "af314506f1622d107e0ed3f14ec1a3b5.dir"],
  [{ foo: "foo", bar: "bar", baz: "baz" }, "ba75a2162ca9c29acecb7957105a0bc2.dir"],
];

test.each(VECTORS)("the folder %j hashes as DVC does", (files, expected) => {
  const entries = Object.entries(files).map(([relpath, content]) => ({
    relpath,
    md5: createHash("md5").update(content).digest("hex"),
  }));
  expect(hashDirectoryObject(directoryObject(entries))).toBe(expected);
  expect(hashDirectoryObject(directoryObject(entries.toReversed()))).toBe(expected);
});

test("a directory object is spelt as Python's json.dumps spells it", () => {
  expect(directoryObject([{ md5: "0".repeat(32), relpath: 'b/"é😀\u007f' }])).toBe(
    `[{"md5": "${"0".repeat(32)}", "relpath": "b/\\"\\u00e9\\ud83d\\ude00\\u007f"}]`,
  );
});

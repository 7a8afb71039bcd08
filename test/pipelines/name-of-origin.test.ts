import { expect, test } from "vitest";
import { DuetMindError } from "../../src/core/errors.ts";
import { nameOfOrigin } from "../../src/pipelines/name-of-origin.ts";

const files = [
  { path: "/p/.duetmind/sources/a/objects/1.csv", name: "s3://bucket/1.csv" },
  { path: "/p/.duetmind/sources/a/objects/2.csv", name: "s3://bucket/2.csv" },
];
const error = new DuetMindError(
  "BAD_INPUT",
  `${files[1]!.path}:3: expected the columns of ${files[0]!.path}`,
  { file: files[1]!.path, hint: "mend it" },
);

test("an error about fetched files calls them what their origin does", () => {
  expect(nameOfOrigin(error, { sourceType: "s3", files })).toMatchObject({
    code: "BAD_INPUT",
    message: "s3://bucket/2.csv:3: expected the columns of s3://bucket/1.csv",
    details: { file: "s3://bucket/2.csv", hint: "mend it" },
  });
});

test("one about a file of the person, and any other, stays as it is", () => {
  expect(nameOfOrigin(error, { sourceType: "file", files })).toBe(error);
  const other = new Error(files[0]!.path);
  expect(nameOfOrigin(other, { sourceType: "s3", files })).toBe(other);
});

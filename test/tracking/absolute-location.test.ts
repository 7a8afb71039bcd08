import { expect, test } from "vitest";
import { absoluteLocation } from "../../src/tracking/absolute-location.ts";

test.each([
  ["files", "/srv/project/files"],
  ["./files/", "/srv/project/files"],
  ["files of a:b", "/srv/project/files of a:b"],
  ["file:files", "file:///srv/project/files"],
  ["file:./files", "file:///srv/project/files"],
])("a relative place of artifacts starts from the folder: %s", (given, expected) => {
  expect(absoluteLocation(given, "/srv/project")).toBe(expected);
});

test.each([
  "/mnt/files",
  "file:/mnt/files",
  "file:///mnt/files",
  "s3://bucket/files",
  "dbfs:/files",
  "mlflow-artifacts:",
  "mlflow-artifacts:/3",
  "file:",
])("a place of artifacts that is relative to nothing stays: %s", (location) => {
  expect(absoluteLocation(location, "/srv/project")).toBe(location);
});

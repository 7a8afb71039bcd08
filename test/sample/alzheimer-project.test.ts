import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { sampleFiles } from "../../src/pipelines/init-project.ts";

const ROOT = join(import.meta.dirname, "..", "..");

test.each(sampleFiles().files.filter(({ path }) => path !== ".gitignore"))(
  "the repository's own $path is what `init --sample alzheimer` writes",
  (file) => {
    expect(readFileSync(join(ROOT, file.path), "utf8")).toBe("content" in file ? file.content : "");
  },
);

import { readdirSync } from "node:fs";
import { resolve } from "node:path";
import { DuetMindError } from "../../core/errors.ts";
import { globRegex } from "../pipeline/select-outs.ts";

/** The paths below a folder that match patterns with `*`, `?`, `**` and `[…]`, in their order. */
export function expandGlobs(patterns: readonly string[], cwd: string): readonly string[] {
  return patterns.flatMap((pattern) => {
    const start = pattern.split(/[*?[]/)[0]!.replace(/[^/]*$/, "");
    const names = readNames(
      resolve(cwd, start),
      pattern.includes("**") || /[*?[].*\//.test(pattern),
    );
    const matches = globRegex(pattern);
    const found = names.map((name) => start + name).filter((path) => matches.test(path));
    if (found.length > 0) return found.sort();
    throw new DuetMindError(
      "BAD_INPUT",
      `--glob: expected a pattern that matches, got "${pattern}"`,
    );
  });
}

function readNames(folder: string, isDeep: boolean): readonly string[] {
  try {
    return readdirSync(folder, { recursive: isDeep, encoding: "utf8" }).filter(
      (name) => !/(^|\/)\.(git|dvc|duetmind)(\/|$)|\.dvc$|(^|\/)\.gitignore$/.test(name),
    );
  } catch {
    return [];
  }
}

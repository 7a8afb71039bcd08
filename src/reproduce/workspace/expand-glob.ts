import { readdirSync } from "node:fs";
import { join } from "node:path";
import { DuetMindError } from "../../core/errors.ts";
import { globRegex } from "../pipeline/select-outs.ts";

/**
 * The files and folders that a pattern means, relative to a folder, sorted. As in a shell, hidden names
 * are not among them.
 */
export function expandGlob(pattern: string, cwd: string): readonly string[] {
  const matches = globRegex(pattern.replace(/^\.\//, ""));
  const depth = pattern.includes("**") ? Number.POSITIVE_INFINITY : pattern.split("/").length;
  const found: string[] = [];
  const walk = (folder: string, level: number) => {
    for (const entry of readdirSync(join(cwd, folder), { withFileTypes: true })) {
      if (entry.name.startsWith(".")) continue;
      const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
      if (matches.test(path)) found.push(path);
      if (entry.isDirectory() && level < depth) walk(path, level + 1);
    }
  };
  walk("", 1);
  if (found.length > 0) return found.sort();
  throw new DuetMindError("BAD_INPUT", `--glob: expected a pattern that matches, got "${pattern}"`);
}

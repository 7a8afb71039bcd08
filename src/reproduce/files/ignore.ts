import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type IgnorePattern, isIgnoredBy, lastWord, parseIgnorePattern } from "./ignore-pattern.ts";

/**
 * What DVC does not look at: its own and the version control's folders, what .dvcignore files name,
 * and repositories inside the repository. The rules of a folder count for what is below it.
 */
export type IgnoreRules = Readonly<{
  isIgnored(path: string, isFolder: boolean): boolean;
  /** The same question for the names in one folder. */
  inFolder(folder: string): (name: string, isFolder: boolean) => boolean;
}>;

const ALWAYS_IGNORED = [".hg/", ".git/", ".git", ".dvc/"];

/** The rules of the .dvcignore files at the root of a repository and below. */
export function readDvcIgnore(root: string): IgnoreRules {
  const rules = createIgnoreRules(root, ".dvcignore", ALWAYS_IGNORED);
  const isRepository = (path: string) => path !== root && existsSync(join(path, ".dvc"));
  return {
    isIgnored: (path, isFolder) =>
      rules.isIgnored(path, isFolder) || (isFolder && isRepository(path)),
    inFolder(folder) {
      const isIgnored = rules.inFolder(folder);
      return (name, isFolder) =>
        isIgnored(name, isFolder) || (isFolder && isRepository(join(folder, name)));
    },
  };
}

/** The rules of files of one name at a root and below, after names that are ignored everywhere. */
export function createIgnoreRules(
  root: string,
  fileName: string,
  first: readonly string[],
): IgnoreRules {
  const always = toPatterns(first);
  const isAlwaysIgnored = (name: string, isFolder: boolean) =>
    first.includes(name) || (isFolder && first.includes(`${name}/`));
  const known = new Map<string, readonly IgnorePattern[]>();

  function patternsOf(folder: string): readonly IgnorePattern[] {
    const found = known.get(folder);
    if (found !== undefined) return found;
    const above = folder === root ? always : patternsOf(dirname(folder));
    const own = readPatterns(join(folder, fileName), relativeTo(root, folder));
    const isHidden =
      own.length > 0 && isIgnoredBy(above, relativeTo(root, join(folder, fileName)), false);
    const patterns = own.length === 0 || isHidden ? above : [...above, ...own];
    known.set(folder, patterns);
    return patterns;
  }

  function inFolder(folder: string) {
    if (!isWithin(root, folder)) return () => false;
    const patterns = patternsOf(folder);
    const own = relativeTo(root, folder);
    if (own !== "" && isIgnoredBy(patterns, own, true)) return () => true;
    if (patterns === always) return isAlwaysIgnored;
    const prefix = own === "" ? "" : `${own}/`;
    return (name: string, isFolder: boolean) => lastWord(patterns, prefix + name, isFolder);
  }

  const asked = new Map<string, (name: string, isFolder: boolean) => boolean>();

  return {
    inFolder,
    isIgnored(path, isFolder) {
      if (path === root || !isWithin(root, path)) return false;
      const slash = path.lastIndexOf("/");
      const folder = path.slice(0, slash) || "/";
      const isIgnored = asked.get(folder) ?? inFolder(folder);
      asked.set(folder, isIgnored);
      return isIgnored(path.slice(slash + 1), isFolder);
    },
  };
}

function isWithin(root: string, path: string): boolean {
  return path === root || path.startsWith(root === "/" ? "/" : `${root}/`);
}

function relativeTo(root: string, path: string): string {
  return path === root ? "" : path.slice(root === "/" ? 1 : root.length + 1);
}

function readPatterns(file: string, folder: string): IgnorePattern[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, "utf8")
    .split(/\r\n|\n|\r/)
    .map((line) => line.trim());
  return toPatterns(folder === "" ? lines : lines.map((line) => rebase(line, folder)));
}

function toPatterns(lines: readonly string[]): IgnorePattern[] {
  return lines.map(parseIgnorePattern).filter((pattern) => pattern !== null);
}

/** A line of a file further down, as the root's file would say it. */
function rebase(line: string, folder: string): string {
  if (line === "" || line.startsWith("#")) return line;
  const isKept = line.startsWith("!");
  const rule = isKept ? line.slice(1) : line;
  const isAnchored = rule.slice(0, -1).includes("/") && !rule.startsWith("**/");
  const bare = (isAnchored ? rule.replace(/^\//, "") : rule.replace(/^\*\*\//, "")).replace(
    /^\\/,
    "",
  );
  return `${isKept ? "!" : ""}/${folder}/${isAnchored ? "" : "**/"}${bare}`;
}

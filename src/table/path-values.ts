import { relative, sep } from "node:path";
import { DuetMindError } from "../core/errors.ts";

/** A column that the path of a file tells. */
export type PathValue = Readonly<{ column: string; value: string | null; isHive: boolean }>;

/** A file of a source. */
export type FoundFile = Readonly<{
  /** Absolute. */
  path: string;
  /** What its path tells of all its rows, in the order of the path. */
  pathValues?: readonly PathValue[];
}>;

const PLACE = /\{([A-Za-z_][A-Za-z0-9_]*)\}/g;
const HIVE_NULL = "__HIVE_DEFAULT_PARTITION__";

/** `heart-{site}.csv` → `heart-*.csv`. */
export function toGlob(pattern: string): string {
  return pattern.replace(PLACE, "*");
}

/**
 * What the path of a file tells: the values of `{name}` in the pattern that found it, and of the folders
 * named key=value below the first wildcard. Both paths have forward slashes, or are addresses.
 */
export function readPathValues(pattern: string, path: string): PathValue[] {
  return [...readPlaces(pattern, path), ...readHive(fixedFolder(pattern), path)];
}

/** The folder above the first wildcard of a pattern; of a pattern without one, the pattern. */
function fixedFolder(pattern: string): string {
  const glob = toGlob(pattern);
  const wildcard = glob.search(/[*?[]/);
  return wildcard === -1 ? glob : glob.slice(0, glob.lastIndexOf("/", wildcard));
}

function readPlaces(pattern: string, path: string): PathValue[] {
  const names = [...pattern.matchAll(PLACE)].map((match) => match[1]!);
  if (names.length === 0) return [];
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) {
    throw new DuetMindError(
      "BAD_INPUT",
      `${pattern}: expected each {name} once, got {${twice}} twice`,
    );
  }
  const match = path.match(toRegExp(pattern));
  return names.map((column, i) => ({ column, value: match?.[i + 1] ?? null, isHive: false }));
}

/** A glob as a regular expression, with a group for each `{name}`, the shortest from the left. */
function toRegExp(pattern: string): RegExp {
  const token = /\{[A-Za-z_][A-Za-z0-9_]*\}|\*\*\/?|\*|\?|\[[^\]]*\]|[^*?[{]+|./g;
  const parts = pattern.match(token)!.map((part) => {
    if (part.startsWith("{") && part.length > 1) return "([^/]+?)";
    if (part === "**/") return "(?:.*/)?";
    if (part === "**") return ".*";
    if (part === "*") return "[^/]*";
    if (part === "?") return "[^/]";
    if (part.startsWith("[") && part.length > 1) return part.replace(/^\[!/, "[^");
    return part.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
  });
  return new RegExp(`^${parts.join("")}$`, "s");
}

function readHive(folder: string, path: string): PathValue[] {
  const below = path.slice(folder.length).split("/").slice(0, -1);
  const pairs = below.flatMap((part) => part.match(/^([^=]+)=(.*)$/)?.slice(1, 3) ?? []);
  const values: PathValue[] = [];
  for (let i = 0; i < pairs.length; i += 2) {
    const value = decode(pairs[i + 1]!);
    const column = decode(pairs[i]!);
    values.push({ column, value: value === HIVE_NULL ? null : value, isHive: true });
  }
  return values;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // a percent sign of its own
  }
}

/** With forward slashes. */
export function toSlashes(path: string): string {
  return path.split(sep).join("/");
}

export function relativeName(root: string, path: string): string {
  return toSlashes(relative(root, path));
}

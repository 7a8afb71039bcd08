/**
 * One line of a .gitignore or .dvcignore as a regular expression over the path from the folder of the
 * file, in which a folder's path ends in a slash too. Follows the reading that DVC has of them, which
 * is git's but for `*\/`.
 */
export type IgnorePattern = Readonly<{
  regex: RegExp;
  /** False for a line with `!`: what it matches is kept. */
  ignores: boolean;
  foldersOnly: boolean;
}>;

/** Null for a line that says nothing. */
export function parseIgnorePattern(line: string): IgnorePattern | null {
  const text = line.endsWith("\\ ") ? line : line.trimEnd();
  if (text === "" || text.startsWith("#") || text === "/") return null;
  const ignores = !text.startsWith("!");
  const body = ignores ? text : text.slice(1);
  const foldersOnly = body.endsWith("/");
  const source = patternSource(body.split("/"), foldersOnly);
  return source === null ? null : { regex: compile(source), ignores, foldersOnly };
}

const ANY_FOLDERS = "**";

function patternSource(given: readonly string[], foldersOnly: boolean): string | null {
  const segments = anchor(given);
  const last = segments.length - 1;
  if (last === -1) return null;
  if (segments[last] === "") segments[last] = ANY_FOLDERS;
  const parts = segments.filter(
    (part, i) => part !== ANY_FOLDERS || segments[i - 1] !== ANY_FOLDERS,
  );
  if (parts.length === 1 && parts[0] === ANY_FOLDERS) return foldersOnly ? "/" : "[^]";
  if (parts[0] === ANY_FOLDERS && parts[1] === "*") {
    if (parts.length === 2) return "[^]";
    if (parts.length === 3 && parts[2] === ANY_FOLDERS) return "/";
  }
  return translate(parts);
}

/** A pattern of one segment counts at every depth, another from the folder of the file on. */
function anchor(segments: readonly string[]): string[] {
  if (segments[0] === "") return segments.slice(1);
  const isSingle = segments.length === 1 || (segments.length === 2 && segments[1] === "");
  return isSingle && segments[0] !== ANY_FOLDERS ? [ANY_FOLDERS, ...segments] : [...segments];
}

function translate(parts: readonly string[]): string | null {
  const end = parts.length - 1;
  let source = "";
  let needsSlash = false;
  for (const [i, part] of parts.entries()) {
    if (part === ANY_FOLDERS) {
      source += i === 0 ? "(?:[^]+/)?" : i < end ? "(?:/[^]+)?" : "/";
      needsSlash = i > 0 && i < end;
      continue;
    }
    const glob = part === "*" ? "[^/]+" : translateGlob(part);
    if (glob === null) return null;
    source += `${needsSlash ? "/" : ""}${glob}${i === end ? "(?:/|$)" : ""}`;
    needsSlash = true;
  }
  return source;
}

/** Null for a bracket that is never closed: git passes over such a line. */
function translateGlob(glob: string): string | null {
  let source = "";
  for (let i = 0; i < glob.length; i++) {
    const char = glob[i]!;
    if (char === "*") source += "[^/]*";
    else if (char === "?") source += "[^/]";
    else if (char === "\\") source += quote(glob[++i] ?? "\\");
    else if (char === "[") {
      const bracket = /^\[([!^]?)(\]?[^\]]*)\]/.exec(glob.slice(i));
      if (bracket === null) return null;
      const inside = bracket[2]!.replace(/[\\[\]]/g, "\\$&").replace(/^\^/, "\\^");
      source += `[${bracket[1] === "" ? "" : "^"}${inside}]`;
      i += bracket[0].length - 1;
    } else source += quote(char);
  }
  return source;
}

function quote(char: string): string {
  return char.replace(/[\\^$.*+?()[\]{}|/]/, "\\$&");
}

function compile(source: string): RegExp {
  try {
    return new RegExp(source, "y");
  } catch {
    return /(?!)/y; // a range such as [z-a] holds no character
  }
}

/** True when the last pattern that speaks of a path, or of a folder around it, ignores it. */
export function isIgnoredBy(
  patterns: readonly IgnorePattern[],
  path: string,
  isFolder: boolean,
): boolean {
  for (let slash = path.indexOf("/"); slash !== -1; slash = path.indexOf("/", slash + 1)) {
    if (lastWord(patterns, path.slice(0, slash), true)) return true;
  }
  return lastWord(patterns, path, isFolder);
}

/** What the last pattern that speaks of a path says, those around it left out. */
export function lastWord(
  patterns: readonly IgnorePattern[],
  path: string,
  isFolder: boolean,
): boolean {
  for (let i = patterns.length - 1; i >= 0; i--) {
    const { regex, ignores, foldersOnly } = patterns[i]!;
    if (foldersOnly && !isFolder) continue;
    if (matches(regex, path) || (isFolder && matches(regex, `${path}/`))) return ignores;
  }
  return false;
}

function matches(regex: RegExp, path: string): boolean {
  regex.lastIndex = 0;
  return regex.test(path);
}

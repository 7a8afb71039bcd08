/** A pattern for keys, and the prefix that all keys it can match begin with. */
export type KeyPattern = Readonly<{ prefix: string; matches(key: string): boolean }>;

/**
 * The globs that paths of files know: `*` and `?` within a part of the key, `**` across parts, `[a-z]`,
 * `[!a]`. Undefined for a plain key. A key that reads like the pattern itself matches too.
 */
export function toKeyPattern(pattern: string): KeyPattern | undefined {
  const first = pattern.search(/[*?[]/);
  if (first < 0) return undefined;
  const expression = pattern.replace(TOKEN, (token, characters: string | undefined) => {
    if (token === "**/") return "(?:.*/)?";
    if (token === "**") return ".*";
    if (token === "*") return "[^/]*";
    if (token === "?") return "[^/]";
    if (characters !== undefined) return toClass(characters);
    return `\\${token}`;
  });
  const regex = new RegExp(`^${expression}$`, "su");
  return {
    prefix: pattern.slice(0, first),
    matches: (key) => key === pattern || (!key.endsWith("/") && regex.test(key)),
  };
}

/** A wildcard, a class of characters, or a character that a regular expression would read as more. */
const TOKEN = /\*\*\/|\*\*|\*|\?|\[([!^]?[^\]/]+)\]|[\\^$.|+(){}[\]/]/g;

function toClass(characters: string): string {
  const isNot = /^[!^]/.test(characters);
  const inside = characters.slice(isNot ? 1 : 0).replace(/[\\[\]^]/g, "\\$&");
  return `[${isNot ? "^/" : ""}${inside}]`;
}

/** `${…}` in a text; with a backslash before it, it is text. */
export type Expression = Readonly<{ start: number; end: number; inner: string }>;

export function findExpressions(text: string): readonly Expression[] {
  if (!text.includes("${")) return [];
  return [...text.matchAll(/(?<!\\)\$\{([^\n]*?)\}/g)].map((match) => ({
    start: match.index,
    end: match.index + match[0].length,
    inner: match[1]!,
  }));
}

const GRAMMAR = /^[^.[\]]+(?:\s*(?:\.[^.[\]]+|\[[^.[\]]+\]))*\s*$/;

/** `a.b[0]` → `["a", "b", "0"]`; undefined for what is no path to a variable. */
export function parseExpression(inner: string): readonly string[] | undefined {
  if (!GRAMMAR.test(inner)) return undefined;
  return inner
    .replaceAll("[", ".")
    .replaceAll("]", "")
    .split(".")
    .map((key) => key.trim());
}

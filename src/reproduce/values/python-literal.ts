import type { PythonToken } from "./python-tokens.ts";
import { equalValues, type MapKey, type Value } from "./value.ts";

/**
 * The value of an expression, as Python's `ast.literal_eval` gives it; undefined for what is no
 * literal. Tuples and sets become lists: that is how dvc.lock holds the first, and it holds no sets.
 */
export function pythonLiteral(tokens: readonly PythonToken[]): Value | undefined {
  const parser = createParser(tokens);
  const value = parser.tupleOrValue();
  return parser.isDone() ? value : undefined;
}

function createParser(tokens: readonly PythonToken[]) {
  let at = 0;

  function isOperator(text: string): boolean {
    const token = tokens[at];
    return token?.kind === "operator" && token.text === text;
  }

  function take(text: string): boolean {
    const isNext = isOperator(text);
    if (isNext) at += 1;
    return isNext;
  }

  /** Items up to a closing bracket, or to the end of the tokens. */
  function items(close: string | null): Readonly<{ list: Value[]; hasComma: boolean }> | undefined {
    const list: Value[] = [];
    let hasComma = false;
    while (close === null ? at < tokens.length : !isOperator(close)) {
      const value = one();
      if (value === undefined) return undefined;
      list.push(value);
      if (!take(",")) break;
      hasComma = true;
    }
    return close === null || take(close) ? { list, hasComma } : undefined;
  }

  function tupleOrValue(): Value | undefined {
    const found = items(null);
    if (found === undefined || found.list.length === 0) return undefined;
    return found.hasComma ? found.list : found.list[0];
  }

  function one(): Value | undefined {
    const token = tokens[at];
    if (token === undefined) return undefined;
    if (token.kind === "text") return texts();
    if (token.kind === "number") {
      at += 1;
      return token.value;
    }
    if (token.kind === "name") return named(token.text);
    if (take("-") || take("+")) return signed(token);
    if (take("(")) {
      const found = items(")");
      return found?.list.length === 1 && !found.hasComma ? found.list[0] : found?.list;
    }
    if (take("[")) return items("]")?.list;
    return take("{") ? braces() : undefined;
  }

  /** Texts side by side are one. */
  function texts(): Value | undefined {
    let whole: string | undefined = "";
    for (let token = tokens[at]; token?.kind === "text"; token = tokens[++at]) {
      whole = whole === undefined || token.value === undefined ? undefined : whole + token.value;
    }
    return whole;
  }

  function named(name: string): Value | undefined {
    at += 1;
    if (name === "None") return null;
    if (name === "True" || name === "False") return name === "True";
    return name === "set" && take("(") && take(")") ? [] : undefined;
  }

  /** One sign before a number; a boolean is none. */
  function signed(sign: PythonToken): Value | undefined {
    let depth = 0;
    while (take("(")) depth += 1;
    const token = tokens[at];
    if (token?.kind !== "number") return undefined;
    at += 1;
    for (; depth > 0; depth--) if (!take(")")) return undefined;
    const isNegative = sign.kind === "operator" && sign.text === "-";
    if (typeof token.value === "bigint") return isNegative ? -token.value : token.value;
    return typeof token.value === "number" && isNegative ? -token.value : token.value;
  }

  function braces(): Value | undefined {
    if (take("}")) return new Map();
    const first = one();
    if (first === undefined) return undefined;
    if (!isOperator(":")) {
      if (!take(",") && !isOperator("}")) return undefined;
      const rest = items("}")?.list;
      return rest === undefined ? undefined : distinct([first, ...rest]);
    }
    const map = new Map<MapKey, Value>();
    for (let key: Value | undefined = first; ; key = one()) {
      if (key === undefined || (typeof key === "object" && key !== null) || !take(":"))
        return undefined;
      const value = one();
      if (value === undefined) return undefined;
      map.set(key as MapKey, value);
      const isMore = take(",");
      if (take("}")) return map;
      if (!isMore) return undefined;
    }
  }

  return { tupleOrValue, isDone: () => at === tokens.length };
}

function distinct(items: readonly Value[]): Value[] {
  return items.filter((item, i) => items.findIndex((other) => equalValues(item, other)) === i);
}

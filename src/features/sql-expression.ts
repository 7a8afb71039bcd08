/**
 * An SQL expression over the row, such as `weight / (height * height)`, made safe by its words alone.
 *
 * The text ends up inside a query, also when it comes with a model from elsewhere, so it may hold only
 * what this list names: columns, literals, operators, CASE, CAST and scalar functions that give the
 * same bits everywhere. Subqueries, statements, comments, file functions, aggregates, random and the
 * clock are out because their words are. DuckDB's parser checks the grammar later
 * (`check-expressions.ts`). ln and exp are out because platforms differ in the last bit: `log:` of the
 * transform is ours.
 */
const FUNCTIONS = new Set(
  `abs ceil ceiling floor round trunc sign sqrt greatest least coalesce nullif ifnull mod
   isnan isfinite isinf length lower upper trim ltrim rtrim substr substring left right replace
   contains starts_with ends_with strpos concat
   date_diff datediff date_part datepart date_trunc year month day hour minute quarter
   dayofweek dayofyear isodow epoch make_date cast try_cast`.split(/\s+/),
);

const KEYWORDS = new Set(
  `case when then else end and or not in is null between like ilike true false as distinct
   double integer bigint smallint tinyint float real varchar text boolean date timestamp decimal
   interval escape`.split(/\s+/),
);

/** Words that cannot start a parenthesis although they stand before one: `IN (1, 2)`, `AND (…)`. */
const BEFORE_PARENTHESIS = new Set(
  "case when then else and or not in is between like ilike decimal varchar".split(" "),
);

/** A word does not touch a quote: in E'\\'' DuckDB ends the text elsewhere than this pattern does. */
const TOKEN =
  /\s+|(?<text>'(?:[^']|'')*')|(?<quoted>"(?:[^"]|"")+")|(?<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?(?![\w.]))|(?<word>[\p{L}_][\p{L}\p{N}_]*(?![\p{L}\p{N}_']))|(?<operator><=|>=|<>|!=|==|\|\||::|-(?!>)|[+*/%<>=(),])/uy;

type Token = Readonly<{ kind: "text" | "column" | "number" | "word" | "operator"; text: string }>;

/** The columns that the expression names, in order of first use. Call after `sqlExpressionProblem`. */
export function sqlExpressionColumns(expression: string): string[] {
  const tokens = tokenize(expression);
  const names = (typeof tokens === "string" ? [] : tokens).flatMap((token, i, all) => {
    if (token.kind === "column") return [token.text];
    if (token.kind !== "word" || isKeyword(token.text)) return [];
    return all[i + 1]?.text === "(" ? [] : [token.text];
  });
  return [...new Set(names)];
}

/** What is wrong with an expression as `expected …, got …`, or undefined. */
export function sqlExpressionProblem(expression: string): string | undefined {
  const tokens = tokenize(expression);
  if (typeof tokens === "string") return tokens;
  if (tokens.length === 0) return "expected an SQL expression, got nothing";
  let depth = 0;
  for (const [i, token] of tokens.entries()) {
    if (token.text === "(" && token.kind === "operator") depth += 1;
    if (token.text === ")" && token.kind === "operator") depth -= 1;
    if (depth < 0) return 'expected balanced parentheses, got one ")" too many';
    if (token.kind === "operator" && token.text === "," && depth === 0) {
      return "expected one value, got a comma outside parentheses";
    }
    const next = tokens[i + 1];
    const opens = next?.kind === "operator" && next.text === "(";
    if (token.kind === "column" && opens) {
      return `expected a function of the list, got "${token.text}"`;
    }
    if (token.kind !== "word") continue;
    const word = token.text.toLowerCase();
    if (FORBIDDEN.has(word)) {
      return `expected an expression over one row, got the word ${word.toUpperCase()}`;
    }
    if (opens && !FUNCTIONS.has(word) && !BEFORE_PARENTHESIS.has(word)) {
      return `expected a function of the list in docs/features.md, got ${token.text}()`;
    }
  }
  return depth === 0 ? undefined : 'expected balanced parentheses, got a "(" that is not closed';
}

/** A column of one of these names can still be used in double quotes. */
const FORBIDDEN = new Set(
  `select from where with union intersect except values table insert update delete create drop
   attach copy pragma set install load call group order having limit over window filter exists
   any all some lambda array struct map columns collate current_date current_timestamp
   current_time current_user localtime localtimestamp session_user user`.split(/\s+/),
);

function isKeyword(word: string): boolean {
  return KEYWORDS.has(word.toLowerCase());
}

function tokenize(expression: string): Token[] | string {
  const tokens: Token[] = [];
  if (/--|\/\*/.test(expression.replace(/'(?:[^']|'')*'|"(?:[^"]|"")+"/g, "''"))) {
    return "expected an expression without comments, got a comment";
  }
  for (let at = 0; at < expression.length; ) {
    TOKEN.lastIndex = at;
    const match = TOKEN.exec(expression);
    if (match === null) {
      return `expected an SQL expression, got ${JSON.stringify(expression.slice(at, at + 12))} at position ${at}`;
    }
    at = TOKEN.lastIndex;
    const { text, quoted, number, word, operator } = match.groups ?? {};
    if (text !== undefined) tokens.push({ kind: "text", text });
    else if (quoted !== undefined) {
      tokens.push({ kind: "column", text: quoted.slice(1, -1).replaceAll('""', '"') });
    } else if (number !== undefined) tokens.push({ kind: "number", text: number });
    else if (word !== undefined) tokens.push({ kind: "word", text: word });
    else if (operator !== undefined) tokens.push({ kind: "operator", text: operator });
  }
  return tokens;
}

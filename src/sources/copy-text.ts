/**
 * The text format of PostgreSQL's COPY: fields between tabs, `\N` for null, and a backslash before
 * what would be mistaken for either. A line feed is always the end of a row, so a stream of rows can be
 * cut without parsing it. PostgreSQL writes it itself; rows of other databases are written here.
 * DuckDB takes an empty line for no row at all, so rows of one column have an empty second field.
 *
 *     ["a\tb", null, "c\\d"]  ->  a\tb<tab>\N<tab>c\\d
 */
const ESCAPES: Readonly<Record<string, string>> = {
  "\\": "\\\\",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
};
const NEEDS_ESCAPE = /[\\\n\r\t]/;
const ESCAPED = /[\\\n\r\t]/g;

const FLUSH_CHARACTERS = 1 << 16;

export function copyField(value: string | null): string {
  if (value === null) return "\\N";
  return NEEDS_ESCAPE.test(value) ? value.replace(ESCAPED, (found) => ESCAPES[found]!) : value;
}

/** Rows whose fields are written already, as bytes of a few pages each. */
export async function* toCopyText(
  rows: AsyncIterable<readonly string[]> | Iterable<readonly string[]>,
): AsyncGenerator<Buffer> {
  let text = "";
  for await (const fields of rows) {
    text += fields.length === 1 ? `${fields[0]}\t\n` : `${fields.join("\t")}\n`;
    if (text.length < FLUSH_CHARACTERS) continue;
    yield Buffer.from(text);
    text = "";
  }
  if (text !== "") yield Buffer.from(text);
}

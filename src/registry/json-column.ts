import { type RawBuilder, sql } from "kysely";

/**
 * A value for a jsonb column. PostgreSQL refuses the character U+0000 in jsonb, which text of someone's
 * data may hold: it becomes U+FFFD there (the record keeps the true text).
 */
export function toJsonColumn<T>(value: T): RawBuilder<T> {
  const text = JSON.stringify(value, (_key, item: unknown) =>
    typeof item === "string" ? item.replaceAll("\u0000", "\ufffd") : item,
  );
  return sql<T>`${text}::text::jsonb`;
}

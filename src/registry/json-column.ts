/**
 * A value as the text that a jsonb column takes. PostgreSQL refuses the character U+0000 in jsonb, which
 * text of someone's data may hold: it becomes U+FFFD there (the record keeps the true text).
 */
export function toJsonColumn(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) =>
    typeof item === "string" ? item.replaceAll("\u0000", "\ufffd") : item,
  );
}

export type Tree = Readonly<Record<string, unknown>>;

/** A token that stands in the text as it is: `1.0` stays apart from `1`. */
export class Raw {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** A value in YAML's flow style, which PyYAML and DuetMind read alike: every text is quoted. */
export function flow(value: unknown): string {
  if (value instanceof Raw) return value.text;
  if (Array.isArray(value)) return `[${value.map(flow).join(", ")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).map(
    ([key, item]) => `${JSON.stringify(key)}: ${flow(item)}`,
  );
  return `{${entries.join(", ")}}`;
}

import type { ColumnProfile } from "./profile.ts";

export type ProfileWarning = Readonly<{ code: string; column: string; message: string }>;

/** Shares of the sampled values of a column. */
export type Seen = Readonly<{ outliers: number; numbers: number; blank: number; spaces: number }>;

type Described = Omit<ColumnProfile, "warnings">;
type Rule = Readonly<{
  code: string;
  warns(column: Described, rows: number, seen: Seen): boolean;
  say(column: Described, rows: number, seen: Seen): string;
}>;

const percent = (share: number) => `${Number((share * 100).toPrecision(3))} %`;
const isKeyLike = ({ kind, type }: Described) => kind === "text" || /^u?int/.test(type);

/** What a careful person would say of a column. Thresholds are those that the words name. */
const RULES: readonly Rule[] = [
  {
    code: "ALL_MISSING",
    warns: ({ distinct }, rows) => rows > 0 && distinct === 0,
    say: () => "has no value at all",
  },
  {
    code: "HIGH_MISSING",
    warns: ({ distinct, missing_share: share }) => distinct > 0 && share > 0.2,
    say: ({ missing_share: share }) => `${percent(share)} of its values are missing`,
  },
  {
    code: "CONSTANT",
    warns: ({ distinct }, rows) => distinct === 1 && rows > 1,
    say: () => "has one value only",
  },
  {
    code: "IMBALANCED",
    warns: ({ distinct, top }) => distinct > 1 && (top[0]?.share ?? 0) > 0.95,
    say: ({ top }) => `one value makes up ${percent(top[0]!.share)} of the rows`,
  },
  {
    code: "POSSIBLE_IDENTIFIER",
    warns: (column, rows) => rows > 1 && isIdentifier(column, rows),
    say: () => "has another value in every row: it may identify a row or a person",
  },
  {
    code: "NEARLY_UNIQUE",
    warns: (column, rows) =>
      rows > 20 &&
      isKeyLike(column) &&
      !isIdentifier(column, rows) &&
      column.distinct > 0.9 * (rows - column.missing),
    say: ({ distinct }) => `nearly every value occurs once (${distinct} distinct values)`,
  },
  {
    code: "SKEWED",
    warns: ({ distinct, skewness }) => distinct > 10 && Math.abs(skewness ?? 0) > 2,
    say: ({ skewness }) =>
      `leans ${skewness! > 0 ? "to the right" : "to the left"} (skewness ${skewness!.toFixed(1)}): consider a log or a rank`,
  },
  {
    code: "OUTLIERS",
    warns: (_column, _rows, { outliers }) => outliers > 0.001,
    say: (_column, _rows, { outliers }) =>
      `${percent(outliers)} of its values lie more than three interquartile ranges outside of the middle half`,
  },
  {
    code: "INFINITE",
    warns: ({ infinite }) => infinite > 0,
    say: ({ infinite }) => `holds ${infinite} infinite values`,
  },
  {
    code: "MIXED_TYPES",
    warns: ({ kind }, _rows, { numbers }) => kind === "text" && numbers >= 0.05 && numbers < 1,
    say: (_column, _rows, { numbers }) =>
      `mixes numbers and words: ${percent(numbers)} of its values are numbers`,
  },
  {
    code: "NUMBERS_AS_TEXT",
    warns: ({ kind }, _rows, { numbers }) => kind === "text" && numbers === 1,
    say: () => "holds numbers as text",
  },
  {
    code: "BLANK_TEXT",
    warns: ({ kind }, _rows, { blank }) => kind === "text" && blank > 0,
    say: (_column, _rows, { blank }) => `${percent(blank)} of its values are empty text`,
  },
  {
    code: "STRAY_SPACES",
    warns: ({ kind }, _rows, { spaces }) => kind === "text" && spaces > 0,
    say: (_column, _rows, { spaces }) =>
      `${percent(spaces)} of its values begin or end with a space`,
  },
];

/** Unique and never missing; an estimate is taken for unique within its error. */
function isIdentifier(column: Described, rows: number): boolean {
  if (!isKeyLike(column) || column.missing > 0) return false;
  return column.distinct >= (column.distinct_exact ? rows : 0.98 * rows);
}

/** Everything to say of a column. */
export function warnAll(column: Described, rows: number, seen: Seen): ProfileWarning[] {
  return RULES.filter(({ warns }) => warns(column, rows, seen)).map(({ code, say }) => ({
    code,
    column: column.name,
    message: `${column.name} ${say(column, rows, seen)}`,
  }));
}

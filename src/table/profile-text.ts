import { toTable } from "../core/text-table.ts";
import type { ColumnProfile, Profile } from "./profile.ts";

/** A profile for a terminal: one line a column, then what to look at. */
export function toProfileText(profile: Profile, name: string): string {
  const { row_count: rows, sample, columns } = profile;
  const how = sample.exact
    ? ""
    : `\nquantiles, histograms, top values and correlations from ${sample.rows} rows (rank error ≤ ${percent(sample.rank_error)})`;
  const table = toTable(
    ["column", "type", "missing", "distinct", "min", "median", "max", "mean", "most frequent"],
    columns.map(toLine),
  );
  const warnings = [...columns.flatMap((column) => column.warnings), ...profile.warnings];
  const said = warnings.map(({ message }) => `  ${message}`).join("\n");
  const tail = warnings.length === 0 ? "nothing stands out" : `look at:\n${said}`;
  const { correlated } = profile;
  const among =
    correlated.columns === correlated.of
      ? ""
      : `\ncorrelations among the first ${correlated.columns} of ${correlated.of} number columns`;
  return `${name}: ${rows} rows × ${columns.length} columns${how}${among}\n${table}\n${tail}`;
}

function toLine(column: ColumnProfile): string[] {
  const [top] = column.top;
  return [
    column.name,
    column.type,
    percent(column.missing_share),
    `${column.distinct_exact ? "" : "~"}${column.distinct}`,
    show(column.min),
    show(column.quantiles?.["0.5"] ?? null),
    show(column.max),
    column.mean === null ? "" : String(Number(column.mean.toPrecision(6))),
    top === undefined || top.count <= 1 ? "" : `${show(top.value)} (${percent(top.share)})`,
  ];
}

function percent(share: number): string {
  return `${Number((share * 100).toPrecision(3))} %`;
}

/** A value as a terminal shows it: short, and without control characters. */
function show(value: string | number | bigint | null): string {
  if (value === null) return "";
  if (typeof value === "bigint" || Number.isInteger(value)) return String(value);
  if (typeof value === "number") return String(Number(value.toPrecision(6)));
  const text = value.replace(/\p{C}/gu, "�");
  return text.length > 24 ? `${text.slice(0, 21)}...` : text;
}

import { DuetMindError } from "../core/errors.ts";
import type { IncrementalParams } from "../sources/incremental-params.ts";
import type { SourceParams } from "../sources/params.ts";
import type { Engine } from "../table/engine.ts";
import { lit, raw, type Sql, sql } from "../table/sql.ts";
import { watermarkText, watermarkValue } from "./increment-sql.ts";
import type { RawManifest, RawPart } from "./raw-manifest.ts";

type FileDigest = RawPart["sources"][number];

/** Throws CONFIG_INVALID for settings that contradict each other or the data that is there. */
export function checkGrowth(
  name: string,
  params: SourceParams,
  growth: IncrementalParams,
  manifest: RawManifest | null,
): void {
  const at = `sources.${name}.incremental`;
  if (growth.mode === "upsert" && params.key === undefined) {
    throw new DuetMindError(
      "CONFIG_INVALID",
      `params.yaml: ${at}.mode: expected a key: for upsert, got none`,
      {
        file: "params.yaml",
        path: `sources.${name}.key`,
        hint: "name the columns that identify a row",
      },
    );
  }
  if (growth.lookback !== undefined && growth.watermark === undefined) {
    throw new DuetMindError(
      "CONFIG_INVALID",
      `params.yaml: ${at}.lookback: expected a watermark: to look back from, got none`,
      { file: "params.yaml", path: `${at}.watermark` },
    );
  }
  if (manifest === null) return;
  const changed = [
    ["mode", manifest.mode, growth.mode],
    ["key", manifest.key?.join(", ") ?? "none", params.key?.join(", ") ?? "none"],
    ["watermark", manifest.watermark?.column ?? "none", growth.watermark ?? "none"],
  ].find(([, before, now]) => before !== now);
  if (changed === undefined) return;
  const [setting, before, now] = changed;
  throw new DuetMindError(
    "CONFIG_INVALID",
    `params.yaml: ${at}: expected the ${setting} of the rows that are there (${before}), got ${now}`,
    {
      file: "params.yaml",
      path: at,
      hint: "read everything again with: duetmind data --full-refresh",
    },
  );
}

/** What a file-wise increment does: the parts that stay, and the files that are new or have changed. */
export type FileIncrement = Readonly<{ kept: readonly RawPart[]; fresh: readonly FileDigest[] }>;

/** A file that went away keeps its rows; one that changed loses the part that was made of it. */
export function planFiles(
  files: readonly FileDigest[],
  manifest: RawManifest | null,
): FileIncrement {
  const parts = manifest?.parts ?? [];
  const now = new Map(files.map((file) => [file.path, file.sha256]));
  const kept = parts.filter(({ sources }) =>
    sources.every(({ path, sha256 }) => (now.get(path) ?? sha256) === sha256),
  );
  const known = new Set(kept.flatMap(({ sources }) => sources.map(({ path }) => path)));
  return { kept, fresh: files.filter(({ path }) => !known.has(path)) };
}

const UNITS: Readonly<Record<string, string>> = {
  s: "seconds",
  m: "minutes",
  h: "hours",
  d: "days",
  w: "weeks",
};

/** The watermark to ask a source for: the greatest one seen less the look-back, as text. */
export async function sinceOf(
  engine: Engine,
  name: string,
  growth: IncrementalParams,
  manifest: RawManifest | null,
): Promise<string | null> {
  const watermark = manifest?.watermark ?? null;
  if (manifest === null || watermark === null || watermark.value === null) return null;
  const column = manifest.columns.find((one) => one.name === watermark.column)!;
  const value = watermarkValue(watermark.value, column.duckdb_type);
  const back = lookBack(name, growth.lookback, column.duckdb_type);
  const since = back === null ? value : sql`CAST(${value} - ${back} AS ${raw(column.duckdb_type)})`;
  const [row] = await engine.rows(sql`SELECT ${watermarkText(since, column.duckdb_type)} AS since`);
  return String(row!["since"]);
}

function lookBack(name: string, lookback: string | number | undefined, type: string): Sql | null {
  if (lookback === undefined || lookback === 0) return null;
  const isTime = /^(DATE|TIMESTAMP.*)$/.test(type);
  const isNumber = /^(U?(TINY|SMALL|BIG|HUGE)INT|U?INTEGER|FLOAT|DOUBLE|DECIMAL.*)$/.test(type);
  if (isNumber && typeof lookback === "number") return lit(lookback);
  if (isTime && typeof lookback === "string") {
    const unit = UNITS[lookback.at(-1)!]!;
    return sql`to_${raw(unit)}(${lit(Number(lookback.slice(0, -1)))})`;
  }
  const expected = isTime ? "a time such as 2d" : isNumber ? "a number" : "none";
  throw new DuetMindError(
    "CONFIG_INVALID",
    `params.yaml: sources.${name}.incremental.lookback: expected ${expected} for a watermark of type ${type}, got ${lookback}`,
    { file: "params.yaml", path: `sources.${name}.incremental.lookback` },
  );
}

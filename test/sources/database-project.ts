import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import { type Effects, realEffects } from "../../src/core/effects.ts";
import type { Environment } from "../../src/core/environment.ts";
import { parseWith } from "../../src/core/parse.ts";
import { sourceParams } from "../../src/sources/params.ts";
import { syncSource } from "../../src/sources/sync-source.ts";
import { openEngine } from "../../src/table/engine.ts";
import { openParquet, parquetQuery } from "../../src/table/parquet-source.ts";
import { sql } from "../../src/table/sql.ts";

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

export type Fetched = Readonly<{
  /** Column → the pandas name of its type, in order. */
  types: Readonly<Record<string, string>>;
  /** Rows as text, as DuckDB casts it; null is null. */
  rows: readonly (readonly (string | null)[])[];
  notes: readonly string[];
  files: readonly string[];
  names: readonly string[];
}>;

export type FetchOptions = Readonly<{
  env?: Environment;
  root?: string;
  since?: string;
  sinceColumn?: string;
  effects?: Partial<Effects>;
}>;

export function projectFolder(): string {
  const root = mkdtempSync(join(tmpdir(), "duetmind-source-"));
  folders.push(root);
  return root;
}

/** Brings a source to this machine as an ingest does, and reads what came. */
export async function fetchRows(params: unknown, options: FetchOptions = {}): Promise<Fetched> {
  const root = options.root ?? projectFolder();
  const notes: string[] = [];
  const progress = { ...realEffects.progress, note: (line: string) => notes.push(line) };
  const engine = await openEngine();
  try {
    const folder = join(root, ".duetmind/sources/t");
    mkdirSync(folder, { recursive: true });
    const synced = await syncSource(
      {
        name: "t",
        params: parseWith(sourceParams, params, "sources.t"),
        root,
        env: options.env ?? {},
        engine,
        folder,
        since: options.since ?? null,
        sinceColumn: options.sinceColumn ?? null,
      },
      { ...realEffects, progress, ...options.effects },
    );
    const files = synced.files.map(({ path }) => path);
    const { columns } = await openParquet(engine, files);
    const rows: (string | null)[][] = [];
    const cast = sql`SELECT COLUMNS(*)::VARCHAR FROM (${parquetQuery(files)})`;
    for await (const chunk of engine.stream(cast)) {
      rows.push(...(chunk.getRows() as (string | null)[][]));
    }
    return {
      types: Object.fromEntries(
        columns.map(({ name, type, duckdbType }) => [name, type === "object" ? duckdbType : type]),
      ),
      rows,
      notes,
      files,
      names: synced.files.map(({ name }) => name),
    };
  } finally {
    engine.close();
  }
}

import { chmod, writeFile } from "node:fs/promises";
import type { Effects } from "../core/effects.ts";
import type { Engine } from "../table/engine.ts";
import type { Relation } from "../table/relation.ts";
import type { Sql } from "../table/sql.ts";
import { quarantineQuery } from "./output-sql.ts";
import type { Validation } from "./validate-relation.ts";
import { type WrittenFormat, writeData } from "./write-data.ts";

/** Name of the columns that a quarantine file adds. */
export const QUARANTINE_COLUMNS = ["row_number", "reasons"] as const;

/**
 * Writes the rows that broke the contract, as they came, each with its row number and reasons. It
 * holds the data in clear, so only its owner may read it (mode 0600, also while it is written).
 */
export async function writeQuarantine(
  engine: Engine,
  relation: Relation,
  validation: Validation,
  path: string,
  format: WrittenFormat,
  effects: Effects,
): Promise<void> {
  await writeQuarantined(
    engine,
    quarantineQuery(relation, validation.badRows),
    path,
    format,
    effects,
  );
}

/** Writes what a query gives to a file that only its owner may read. */
export async function writeQuarantined(
  engine: Engine,
  query: Sql,
  path: string,
  format: WrittenFormat,
  effects: Effects,
): Promise<void> {
  await effects.files.publish(path, async (temporary) => {
    await writeFile(temporary, "", { mode: 0o600 });
    await chmod(temporary, 0o600);
    await writeData(engine, query, temporary, format);
    await chmod(temporary, 0o600); // Parquet is written to a file of DuckDB's own and renamed
  });
}

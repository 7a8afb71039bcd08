import { join } from "node:path";
import type { Effects } from "../core/effects.ts";
import { digestFile } from "../core/hash.ts";
import { throwIfInterrupted } from "../core/interrupted.ts";
import { dataDigest } from "../table/data-digest.ts";
import type { Engine } from "../table/engine.ts";
import { writeParquet, writeScan } from "../table/parquet-write.ts";
import { describeRelation, type Relation, ROW_NUMBER } from "../table/relation.ts";
import { schemaHash } from "../table/schema-hash.ts";
import { id, lit, type Sql, sql } from "../table/sql.ts";
import type { FeatureOutput } from "./features-record.ts";

export const ROW_ID = "row_id";

/** A table that the stage makes; its query has the column row_id. */
export type OutputTable = Readonly<{
  name: string;
  toQuery(): Promise<Sql>;
  /** How the rows come: a plain scan of files in row order, some rows of one, or in any order, to be sorted by row_id. */
  rows: "scan" | "some of a scan" | "in any order";
}>;

/** A table on disk under a temporary name, with what the record says of it. */
export type WrittenTable = Readonly<{
  output: FeatureOutput;
  /** Its rows without row_id. */
  relation: Relation;
}>;

/**
 * Writes the tables under temporary names, hands them to `then`, and publishes all of them when it
 * returns: a contract that does not hold, or a full disk, leaves every old file in its place.
 */
export async function publishTables<T>(
  engine: Engine,
  root: string,
  folder: string,
  tables: readonly OutputTable[],
  effects: Effects,
  then: (written: readonly WrittenTable[]) => Promise<T>,
  written: readonly WrittenTable[] = [],
): Promise<T> {
  const [table, ...rest] = tables;
  if (table === undefined) return then(written);
  const path = `${folder}/${table.name}.parquet`;
  return effects.files.publish(join(root, path), async (temporary) => {
    throwIfInterrupted(effects.signal);
    const query = await table.toQuery();
    await engine.trimMemory(); // what the table before it freed
    if (table.rows === "scan") await writeScan(engine, query, temporary);
    else if (table.rows === "some of a scan") await writeParquet(engine, query, temporary);
    else {
      const sorted = sql`SELECT * FROM (${query}) ORDER BY ${id(ROW_ID)}`;
      await writeParquet(engine, sorted, temporary);
    }
    // not while the next is written: that would take the memory of both
    const described = await describeTable(engine, table.name, path, temporary);
    const all = [...written, described];
    return publishTables(engine, root, folder, rest, effects, then, all);
  });
}

/** What a contract sees of a table that was built: the row's id is its number, and no column. */
export function withoutRowId(table: Relation): Relation {
  return {
    sql: sql`(SELECT * EXCLUDE (${id(ROW_ID)}) FROM ${table.sql})`,
    numbered: sql`(SELECT * EXCLUDE (${id(ROW_ID)}), ${id(ROW_ID)} AS ${id(ROW_NUMBER)} FROM ${table.sql})`,
    columns: table.columns.filter((column) => column.name !== ROW_ID),
    rowCount: table.rowCount,
  };
}

async function describeTable(
  engine: Engine,
  name: string,
  path: string,
  file: string,
): Promise<WrittenTable> {
  const read = sql`read_parquet(${lit(file)})`;
  const all = await describeRelation(
    engine,
    read,
    sql`(SELECT *, ${id(ROW_ID)} AS ${id(ROW_NUMBER)} FROM ${read})`,
  );
  const { digest, sizeBytes } = digestFile(file);
  return {
    relation: withoutRowId(all),
    output: {
      name,
      path,
      format: "parquet",
      sha256: digest,
      size_bytes: sizeBytes,
      row_count: all.rowCount,
      columns: all.columns.map(({ name: column, type }) => ({ name: column, type })),
      schema_hash: schemaHash(all.columns),
      data_digest: await dataDigest(engine, all),
    },
  };
}

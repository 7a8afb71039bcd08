import type { Engine } from "./engine.ts";
import { toPandasType } from "./pandas-type.ts";
import { type Relation, ROW_NUMBER } from "./relation.ts";
import { type CsvParams, csvParams, type DataFormat } from "./source-params.ts";
import { id, lit, raw, type Sql, sql } from "./sql.ts";

export type SourceFile = Readonly<{
  path: string;
  format?: DataFormat;
  csv?: Partial<CsvParams>;
  types?: Readonly<Record<string, string>>;
}>;

/** Opens a data file for reading: Parquet where it lies, text formats as a typed table in memory. */
export async function openSource(engine: Engine, source: SourceFile): Promise<Relation> {
  const format = source.format ?? (source.path.endsWith(".parquet") ? "parquet" : "csv");
  if (format === "parquet") {
    const from = sql`read_parquet(${lit(source.path)})`;
    const numbered = sql`read_parquet(${lit(source.path)}, file_row_number = true)`;
    return describeRelation(
      engine,
      sql`(SELECT * FROM ${from})`,
      sql`(SELECT * RENAME (file_row_number AS ${id(ROW_NUMBER)}) FROM ${numbered})`,
    );
  }
  const csv = csvParams.parse(source.csv ?? {});
  const name = id(engine.freshName());
  await engine.run(
    sql`CREATE TABLE ${name} AS SELECT * FROM read_csv(${lit(source.path)}, header = ${raw(String(csv.header))})`,
  );
  return describeRelation(engine, name, sql`(SELECT *, rowid AS ${id(ROW_NUMBER)} FROM ${name})`);
}

export async function describeRelation(
  engine: Engine,
  from: Sql,
  numbered: Sql,
): Promise<Relation> {
  const described = await engine.rows(sql`DESCRIBE SELECT * FROM ${from}`);
  const [count] = await engine.rows(sql`SELECT count(*) AS n FROM ${from}`);
  return {
    sql: from,
    numbered,
    rowCount: Number(count!["n"]),
    columns: described.map((row) => {
      const duckdbType = String(row["column_type"]);
      return { name: String(row["column_name"]), type: toPandasType(duckdbType), duckdbType };
    }),
  };
}

import { DuetMindError } from "../core/errors.ts";
import { nearestName } from "../core/nearest.ts";
import { show } from "../core/parse.ts";
import { type ColumnClass, columnClass } from "../features/column-class.ts";
import type { FeatureView } from "../features/feature-view.ts";
import { toTextSql } from "../features/input-sql.ts";
import type { Engine } from "../table/engine.ts";
import { type Relation, type RelationColumn, ROW_NUMBER } from "../table/relation.ts";
import { id, join, type Sql, sql } from "../table/sql.ts";

/**
 * A file to score as the feature view expects it: its raw columns with the types of training. A CSV
 * types by content, so a column of text may come as numbers, and one that is numeric but for one cell
 * as text: the first is converted, the second refused with that cell.
 */
export async function rawColumnsSql(
  engine: Engine,
  view: FeatureView,
  relation: Relation,
  file: string,
): Promise<Sql> {
  const columns: Sql[] = [];
  for (const { name, type } of view.columns) {
    const found = findColumn(relation, name, type, file);
    columns.push(
      sql`${await convert(engine, relation, found, columnClass({ type }), file)} AS ${id(name)}`,
    );
  }
  return sql`(SELECT ${join([id(ROW_NUMBER), ...columns])} FROM ${relation.numbered})`;
}

function findColumn(relation: Relation, name: string, type: string, file: string): RelationColumn {
  const found = relation.columns.find((column) => column.name === name);
  if (found !== undefined) return found;
  const names = relation.columns.map((column) => column.name);
  const near = nearestName(name, names);
  throw new DuetMindError(
    "COLUMN_NOT_FOUND",
    `${file}: expected a column "${name}" (${type}) that the model was trained with, got none${
      near === undefined ? "" : `; did you mean "${near}"?`
    }`,
    { file, path: name, hint: `the file has: ${names.join(", ")}` },
  );
}

const TARGET_TYPE: Readonly<Record<"number" | "boolean" | "datetime", Sql>> = {
  number: sql`DOUBLE`,
  boolean: sql`BOOLEAN`,
  datetime: sql`TIMESTAMP`,
};

const IN_WORDS = { number: "numbers", boolean: "true or false", datetime: "dates" } as const;

async function convert(
  engine: Engine,
  relation: Relation,
  column: RelationColumn,
  wanted: ColumnClass,
  file: string,
): Promise<Sql> {
  const value = id(column.name);
  const got = columnClass(column);
  if (wanted === "text" || wanted === "other") {
    return got === "number" || got === "boolean" ? toTextSql(value, column.type) : value;
  }
  if (got === wanted || (got === "boolean" && wanted === "number")) return value;
  if (got === "number" && wanted === "boolean") return value;
  const cast = sql`TRY_CAST(${value}::VARCHAR AS ${TARGET_TYPE[wanted]})`;
  const [bad] = await engine.rows(
    sql`SELECT ${value}::VARCHAR AS value, ${id(ROW_NUMBER)} AS row FROM ${relation.numbered}
        WHERE nullif(${value}::VARCHAR, '') IS NOT NULL AND ${cast} IS NULL ORDER BY row LIMIT 1`,
  );
  if (bad === undefined)
    return sql`TRY_CAST(nullif(${value}::VARCHAR, '') AS ${TARGET_TYPE[wanted]})`;
  throw new DuetMindError(
    "COLUMN_TYPE",
    `${file}: ${column.name}: expected ${IN_WORDS[wanted]}, got ${show(bad["value"])} in row ${bad["row"]}`,
    { file, path: column.name },
  );
}

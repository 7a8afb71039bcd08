import type { PandasType } from "./pandas-type.ts";
import type { Sql } from "./sql.ts";

export type RelationColumn = Readonly<{ name: string; type: PandasType; duckdbType: string }>;

/** A table that can be read again and again, always in the same order. */
export type Relation = Readonly<{
  /** For FROM: exactly the columns below. */
  sql: Sql;
  /** For FROM: the columns below and `ROW_NUMBER`, the 0-based place of the row in its files. */
  numbered: Sql;
  columns: readonly RelationColumn[];
  rowCount: number;
}>;

export const ROW_NUMBER = "__row__";

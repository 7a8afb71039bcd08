import { DuetMindError } from "../core/errors.ts";
import type { Engine } from "../table/engine.ts";
import { describeRelation, type Relation } from "../table/relation.ts";
import { id, join, raw, sql } from "../table/sql.ts";
import { checkGrammar, expressionError } from "./check-expressions.ts";
import { findColumn } from "./column-class.ts";
import type { FeaturesParams } from "./params.ts";
import { sqlExpressionColumns } from "./sql-expression.ts";

/** The relation with the columns of `derive` after its own. Throws COLUMN_NOT_FOUND or BAD_INPUT. */
export async function deriveColumns(
  engine: Engine,
  spec: FeaturesParams,
  relation: Relation,
): Promise<Relation> {
  const derived = Object.entries(spec.derive ?? {});
  if (derived.length === 0) return relation;
  const taken = new Set(relation.columns.map(({ name }) => name.toLowerCase()));
  for (const [name, expression] of derived) {
    const at = `features.derive.${name}`;
    if (taken.has(name.toLowerCase())) {
      throw new DuetMindError("BAD_INPUT", `${at}: expected a new name, got that of a column`, {
        path: at,
      });
    }
    for (const column of sqlExpressionColumns(expression)) {
      findColumn(relation.columns, column, at);
    }
    await checkGrammar(engine, at, expression);
  }
  // the words were checked by sqlExpressionProblem; the line break ends nothing but itself
  const columns = join(
    derived.map(([name, expression]) => sql`(${raw(expression)}\n) AS ${id(name)}`),
  );
  const from = sql`(SELECT *, ${columns} FROM ${relation.sql})`;
  const numbered = sql`(SELECT *, ${columns} FROM ${relation.numbered})`;
  try {
    return await describeRelation(engine, from, numbered, relation.rowCount);
  } catch (error) {
    const message = error instanceof Error ? error.message.split("\n")[0]! : String(error);
    const expressions = derived.map(([, expression]) => expression).join("; ");
    throw expressionError("features.derive", expressions, message, error);
  }
}

/** The columns that a derived column is computed from; none for any other. */
export function derivedFrom(spec: FeaturesParams, name: string | undefined): string[] {
  const expression = name === undefined ? undefined : spec.derive?.[name];
  return expression === undefined ? [] : sqlExpressionColumns(expression);
}

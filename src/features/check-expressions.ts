import { DuetMindError } from "../core/errors.ts";
import type { Engine } from "../table/engine.ts";
import { lit, raw, type Sql, sql } from "../table/sql.ts";
import type { PlannedInput } from "./feature-plan.ts";
import { toInputSql } from "./input-sql.ts";

/** Classes of DuckDB's syntax tree that a scalar expression over one row is made of. */
const SCALAR = new Set(
  "COLUMN_REF CONSTANT FUNCTION OPERATOR COMPARISON CONJUNCTION CASE CAST BETWEEN".split(" "),
);

/**
 * Asks DuckDB's parser and binder about every sql input: one scalar expression of the row, of numbers
 * or booleans. The words were checked before (`sql-expression.ts`); this finds errors of grammar and
 * type, and what a newer DuckDB might read into the same words.
 */
export async function checkExpressions(
  engine: Engine,
  inputs: readonly PlannedInput[],
  relation: Sql,
): Promise<void> {
  for (const input of inputs) {
    if (input.source.kind !== "sql") continue;
    const { expression } = input.source;
    await checkGrammar(engine, `feature ${input.name}`, expression);
    await checkType(engine, input, expression, relation);
  }
}

/** Throws BAD_INPUT unless the expression is one scalar of a row. */
export async function checkGrammar(
  engine: Engine,
  subject: string,
  expression: string,
): Promise<void> {
  const [row] = await engine.rows(
    sql`SELECT json_serialize_sql(${lit(`SELECT (${expression}\n)`)}) AS tree`,
  );
  const problem = treeProblem(JSON.parse(String(row!["tree"])) as Tree);
  if (problem !== undefined) throw expressionError(subject, expression, problem);
}

type Tree = Readonly<{
  error: boolean;
  error_message?: string;
  statements?: readonly Readonly<{
    node: Readonly<{
      type: string;
      select_list: readonly unknown[];
      from_table: Readonly<{ type: string }> | null;
      where_clause: unknown;
    }>;
  }>[];
}>;

function treeProblem(tree: Tree): string | undefined {
  if (tree.error) return tree.error_message ?? "text that is not SQL";
  const [statement, ...more] = tree.statements ?? [];
  const node = statement?.node;
  const isOneValue =
    node !== undefined &&
    more.length === 0 &&
    node.type === "SELECT_NODE" &&
    node.select_list.length === 1 &&
    (node.from_table === null || node.from_table.type === "EMPTY") &&
    node.where_clause === null;
  return isOneValue ? foreignClass(node.select_list[0]) : "more than one value";
}

function foreignClass(part: unknown): string | undefined {
  if (Array.isArray(part)) return part.map(foreignClass).find((found) => found !== undefined);
  if (typeof part !== "object" || part === null) return undefined;
  const { class: found, ...rest } = part as Readonly<Record<string, unknown>>;
  if (typeof found === "string" && !SCALAR.has(found)) return found.toLowerCase();
  return Object.values(rest)
    .map(foreignClass)
    .find((inner) => inner !== undefined);
}

async function checkType(
  engine: Engine,
  input: PlannedInput,
  expression: string,
  relation: Sql,
): Promise<void> {
  let type: string;
  try {
    await engine.rows(sql`DESCRIBE SELECT ${toInputSql(input)} AS x FROM ${relation}`);
    // the words were checked by sqlExpressionProblem
    const [row] = await engine.rows(
      sql`DESCRIBE SELECT (${raw(expression)}\n) AS x FROM ${relation}`,
    );
    type = String(row!["column_type"]);
  } catch (error) {
    const message = error instanceof Error ? error.message.split("\n")[0]! : String(error);
    throw expressionError(`feature ${input.name}`, expression, message, error);
  }
  if (/^(BOOLEAN|U?(TINY|SMALL|BIG|HUGE)INT|U?INTEGER|FLOAT|DOUBLE|DECIMAL\()/.test(type)) return;
  throw new DuetMindError(
    "COLUMN_TYPE",
    `feature ${input.name}: expected an SQL expression of numbers or booleans, got ${type}`,
  );
}

export function expressionError(
  subject: string,
  expression: string,
  got: string,
  cause?: unknown,
): DuetMindError {
  return new DuetMindError(
    "BAD_INPUT",
    `${subject}: expected an SQL expression over the row, got ${got} in "${expression}"`,
    cause === undefined ? {} : { cause },
  );
}

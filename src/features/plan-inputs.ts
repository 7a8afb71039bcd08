import { DuetMindError } from "../core/errors.ts";
import { type ColumnInfo, columnClass, columnTypeError, findColumn } from "./column-class.ts";
import type { PlannedInput } from "./feature-plan.ts";
import type { DatetimePart } from "./feature-view.ts";
import { sqlExpressionColumns } from "./sql-expression.ts";
import type { SqlTransform } from "./transform-params.ts";

/** Gathers the inputs that features ask for, each once, in the order of first use. */
export type PlanInputs = Readonly<{
  number(column: string, at: string): string;
  boolean(column: string, at: string): string;
  text(column: string, at: string): string;
  datetimePart(column: string, part: DatetimePart, since: string, at: string): string;
  sql(transform: SqlTransform, at: string): string;
  used(): Readonly<{
    columns: readonly Readonly<{ name: string; type: string }>[];
    inputs: readonly PlannedInput[];
  }>;
}>;

/** Columns that no feature may use. */
export type Refused = Readonly<{
  /** The target, and what it is computed from. */
  answers: readonly string[];
  derived: readonly string[];
}>;

/** `at` is the place in params.yaml that a message names, such as `features.transforms.2`. */
export function createPlanInputs(columns: readonly ColumnInfo[], refused: Refused): PlanInputs {
  const inputs = new Map<string, PlannedInput>();
  const usedColumns = new Map<string, Readonly<{ name: string; type: string }>>();

  function use(name: string, at: string): ColumnInfo {
    if (refused.answers.includes(name)) {
      throw new DuetMindError(
        "TARGET_INVALID",
        `${at}: expected features without the target, got "${name}", which would tell the model the answer`,
        { path: at, hint: "take the target out of the transforms" },
      );
    }
    if (refused.derived.includes(name)) {
      throw new DuetMindError(
        "BAD_INPUT",
        `${at}: expected a column of the data, got "${name}" of features.derive, which a row to score does not have`,
        { path: at, hint: "write the expression as a transform: {sql: …, name: …}" },
      );
    }
    const column = findColumn(columns, name, at);
    usedColumns.set(column.name, { name: column.name, type: column.type });
    return column;
  }

  function add(input: PlannedInput): string {
    const known = inputs.get(input.name);
    if (known !== undefined && JSON.stringify(known) !== JSON.stringify(input)) {
      throw new DuetMindError(
        "BAD_INPUT",
        `features.transforms: expected one meaning for the name "${input.name}", got two`,
        { hint: "give the sql expression another name, or one since: to the dates" },
      );
    }
    inputs.set(input.name, input);
    return input.name;
  }

  /** A column used as a number and as text is two inputs; the later one has its type in its name. */
  function addColumn(column: ColumnInfo, type: PlannedInput["type"]): string {
    const source = { kind: "column", column: column.name, columnType: column.type } as const;
    const known = inputs.get(column.name);
    const name =
      known === undefined || known.type === type ? column.name : `${column.name}_as_${type}`;
    return add({ name, type, source });
  }

  return {
    number(name, at) {
      const column = use(name, at);
      const found = columnClass(column);
      if (found === "boolean") return addColumn(column, "boolean");
      if (found !== "number") throw columnTypeError(at, column, "numbers");
      return addColumn(column, "number");
    },
    boolean(name, at) {
      const column = use(name, at);
      const found = columnClass(column);
      if (found === "boolean") return addColumn(column, "boolean");
      if (found === "number") return addColumn(column, "number");
      throw columnTypeError(
        at,
        column,
        "booleans, or the numbers 0 and 1",
        "for text, say which words: true_values: [yes], false_values: [no]",
      );
    },
    text(name, at) {
      const column = use(name, at);
      const found = columnClass(column);
      if (found === "datetime" || found === "other") {
        throw columnTypeError(at, column, "text, whole numbers or booleans");
      }
      return addColumn(column, "text");
    },
    datetimePart(name, part, since, at) {
      const column = use(name, at);
      if (columnClass(column) !== "datetime") {
        throw columnTypeError(
          at,
          column,
          "dates",
          `text becomes dates by \`types: {${name}: "datetime64[ns]"}\` of its source`,
        );
      }
      const source = {
        kind: "datetime_part",
        column: column.name,
        columnType: column.type,
        part,
        ...(part === "elapsed_days" ? { since } : {}),
      } as const;
      return add({ name: `${column.name}_${part}`, type: "number", source });
    },
    sql(transform, at) {
      const named = sqlExpressionColumns(transform.sql).map((name) =>
        findSqlColumn(columns, name, at),
      );
      const declared = transform.inputs;
      const odd =
        declared?.find((name) => !named.includes(name)) ??
        (declared && named.find((name) => !declared.includes(name)));
      if (odd !== undefined) {
        throw new DuetMindError(
          "BAD_INPUT",
          `${at}.inputs: expected the columns of the expression (${named.join(", ")}), got a difference in "${odd}"`,
          { path: `${at}.inputs` },
        );
      }
      for (const name of named) use(name, at);
      const source = { kind: "sql", expression: transform.sql.trim(), columns: named } as const;
      return add({ name: transform.name, type: "number", source });
    },
    used: () => ({ columns: [...usedColumns.values()], inputs: [...inputs.values()] }),
  };
}

/** SQL compares names without case. */
function findSqlColumn(columns: readonly ColumnInfo[], name: string, at: string): string {
  const same = columns.find((column) => column.name.toLowerCase() === name.toLowerCase());
  return same?.name ?? findColumn(columns, name, `${at}.sql`).name;
}

import { id, join, lit, raw, type Sql, sql } from "../table/sql.ts";
import type { Check, ContractValue } from "./contract.ts";
import { isDatetimeList } from "./datetime-list.ts";
import { type Placed, placeDatetime } from "./datetime-sql.ts";
import type { Dtype } from "./dtype.ts";
import { areDurations, durationSql } from "./duration.ts";
import { parsePythonRegex } from "./python-regex.ts";
import { comparableSql, literalSql } from "./value-sql.ts";

/** What a row-wise check asks of a value: SQL that is NULL for NULL, or the error that pandas raises. */
export type Predicate = Readonly<{ passes: Sql }> | Readonly<{ error: string }>;

/** Says how a pattern is run that only JavaScript can: the table that will hold the values it refuses. */
export type AddPattern = (value: Sql, pattern: RegExp) => string;

export function checkPredicate(
  check: Check,
  value: Sql,
  dtype: Dtype,
  addPattern: AddPattern,
  declared?: Dtype,
): Predicate {
  if (check.options.groupby !== null)
    return { error: 'TypeError("a built-in check has no groups")' };
  const s = check.statistics as Readonly<Record<string, ContractValue>>;
  const column = { value, dtype, declared };
  switch (check.name) {
    case "equal_to":
      return equality(column, s["value"]!, "=");
    case "not_equal_to":
      return equality(column, s["value"]!, "<>");
    case "greater_than":
      return order(column, [[">", s["min_value"]!]]);
    case "greater_than_or_equal_to":
      return order(column, [[">=", s["min_value"]!]]);
    case "less_than":
      return order(column, [["<", s["max_value"]!]]);
    case "less_than_or_equal_to":
      return order(column, [["<=", s["max_value"]!]]);
    case "in_range":
      return order(column, [
        [s["include_min"] === false ? ">" : ">=", s["min_value"]!],
        [s["include_max"] === false ? "<" : "<=", s["max_value"]!],
      ]);
    case "isin":
    case "unique_values_eq":
      return { passes: memberSql(value, dtype, listOf(check, dtype, declared), "IN") };
    case "notin":
      return { passes: memberSql(value, dtype, listOf(check, dtype, declared), "NOT IN") };
    default:
      return text(check, value, dtype, addPattern);
  }
}

/** The values of a check's list that a column of the type may equal: a text is never a datetime. */
export function listOf(
  check: Check,
  dtype: Dtype,
  declared: Dtype | undefined,
): readonly ContractValue[] {
  const values = Object.values(check.statistics)[0] as readonly ContractValue[];
  if ((dtype.kind === "timedelta") !== areDurations(values, declared)) {
    if (dtype.kind === "timedelta" || declared?.kind === "timedelta") return [];
  }
  const isMismatch = (dtype.kind === "datetime") !== isDatetimeList(values, declared);
  return isMismatch && (dtype.kind === "datetime" || dtype.kind === "text") ? [] : values;
}

/** The values of a list that a column of this type can hold, each once. */
export function memberLiterals(values: readonly ContractValue[], dtype: Dtype): readonly Sql[] {
  const literals = values
    .map((value) => literalOf(value, dtype))
    .filter((each) => each !== undefined);
  return [...new Map(literals.map((each) => [each.text, each])).values()];
}

export function memberSql(
  value: Sql,
  dtype: Dtype,
  values: readonly ContractValue[],
  operator: "IN" | "NOT IN",
): Sql {
  const literals = memberLiterals(values, dtype);
  if (literals.length === 0) return constant(value, operator === "NOT IN");
  // Not IN: DuckDB asks a function once for each value of a dictionary of the file, an operator for
  // each row, and compares a list at least as fast where there is none.
  const isIn = sql`list_contains([${join(literals)}], ${comparableSql(value, dtype)})`;
  return operator === "IN" ? isIn : sql`(NOT ${isIn})`;
}

/** True or false for every value, NULL for NULL. */
function constant(value: Sql, truth: boolean): Sql {
  return truth ? sql`(${value} = ${value})` : sql`(${value} <> ${value})`;
}

type Column = Readonly<{ value: Sql; dtype: Dtype; declared: Dtype | undefined }>;

/** Beside a datetime dtype, Pandera reads what is written as a datetime as one, which no text equals. */
function comparand(value: ContractValue, { dtype, declared }: Column): Placed | undefined {
  if (dtype.kind !== "datetime" && isDatetimeList([value], declared)) return undefined;
  const isDuration = areDurations([value], declared);
  const isOther =
    dtype.kind === "timedelta" ? typeof value !== "string" : declared?.kind === "timedelta";
  if (isOther && isDuration !== (dtype.kind === "timedelta")) return undefined;
  if (typeof value === "string" && (dtype.kind === "datetime" || dtype.kind === "date")) {
    return placeDatetime(value, dtype);
  }
  const literal = literalOf(value, dtype);
  return literal && { place: "at", sql: literal };
}

function literalOf(value: ContractValue, dtype: Dtype): Sql | undefined {
  return dtype.kind === "timedelta" ? durationSql(value) : literalSql(value, dtype);
}

function equality(column: Column, wanted: ContractValue, operator: "=" | "<>"): Predicate {
  const { value, dtype } = column;
  const placed = comparand(wanted, column);
  if (placed?.place !== "at") return { passes: constant(value, operator === "<>") };
  return { passes: sql`(${comparableSql(value, dtype)} ${raw(operator)} ${placed.sql})` };
}

type Operator = ">" | ">=" | "<" | "<=";
type Bound = readonly [Operator, ContractValue];

/** What to ask of the value beside a bound that is none itself. */
const BESIDE: Readonly<Record<"before" | "after", Readonly<Record<Operator, Operator>>>> = {
  after: { ">": ">", ">=": ">", "<": "<=", "<=": "<=" },
  before: { ">": ">=", ">=": ">=", "<": "<", "<=": "<" },
};

function order(column: Column, bounds: readonly Bound[]): Predicate {
  const { value, dtype, declared } = column;
  if (dtype.kind === "category" || dtype.isCategorical === true) {
    return { error: 'TypeError("Unordered Categoricals can only compare equality or not")' };
  }
  const parts: Sql[] = [];
  for (const [operator, bound] of bounds) {
    const placed = comparand(bound, column);
    if (placed === undefined) {
      const got = boundType(bound, declared);
      if (dtype.name === "object") {
        const held = PYTHON_TYPES[dtype.kind] ?? dtype.kind;
        const refused = `'${operator}' not supported between instances of '${held}' and '${got}'`;
        return { error: `TypeError("${refused}")` };
      }
      return { error: `TypeError("Invalid comparison between dtype=${dtype.name} and ${got}")` };
    }
    const asked = placed.place === "at" ? operator : BESIDE[placed.place][operator];
    parts.push(sql`${comparableSql(value, dtype)} ${raw(asked)} ${placed.sql}`);
  }
  return { passes: sql`(${join(parts, " AND ")})` };
}

function boundType(bound: ContractValue, declared: Dtype | undefined): string {
  if (areDurations([bound], declared)) return "Timedelta";
  return isDatetimeList([bound], declared) ? "Timestamp" : pythonType(bound);
}

const PYTHON_TYPES: Readonly<Partial<Record<Dtype["kind"], string>>> = { text: "str" };

function pythonType(value: ContractValue): string {
  if (value === null) return "NoneType";
  const names = { string: "str", number: "float", bigint: "int", boolean: "bool" } as const;
  return names[typeof value as keyof typeof names];
}

/** What pandas calls the values of a type when `.str` is refused. */
const INFERRED: Readonly<Partial<Record<Dtype["kind"], string>>> = {
  int: "integer",
  float: "floating",
  bool: "boolean",
  datetime: "datetime64",
  date: "date",
  decimal: "decimal",
  timedelta: "timedelta64",
};

function text(check: Check, value: Sql, dtype: Dtype, addPattern: AddPattern): Predicate {
  if (dtype.kind !== "text" && dtype.kind !== "category") {
    const got = INFERRED[dtype.kind] ?? dtype.name;
    return { error: `AttributeError("Can only use .str accessor with string values, not ${got}")` };
  }
  const s = check.statistics as Readonly<Record<string, ContractValue>>;
  switch (check.name) {
    case "str_startswith":
      return { passes: sql`starts_with(${value}, ${lit(s["string"]!)})` };
    case "str_endswith":
      return { passes: sql`suffix(${value}, ${lit(s["string"]!)})` };
    case "str_length":
      return { passes: lengthSql(value, s) };
    default:
      return {
        passes: patternSql(value, String(s["pattern"]), check.name === "str_matches", addPattern),
      };
  }
}

function lengthSql(value: Sql, s: Readonly<Record<string, ContractValue>>): Sql {
  const exact = s["exact_value"] ?? null;
  if (exact !== null) return sql`(length(${value}) = ${lit(exact)})`;
  const parts: Sql[] = [];
  const min = s["min_value"] ?? null;
  const max = s["max_value"] ?? null;
  if (min !== null) parts.push(sql`length(${value}) >= ${lit(min)}`);
  if (max !== null) parts.push(sql`length(${value}) <= ${lit(max)}`);
  return sql`(${join(parts, " AND ")})`;
}

function patternSql(value: Sql, pattern: string, anchored: boolean, addPattern: AddPattern): Sql {
  const regex = parsePythonRegex(pattern, anchored);
  if (regex.re2 !== null) return sql`regexp_matches(${value}, ${lit(regex.re2)})`;
  const table = id(addPattern(value, regex.js));
  return sql`(CASE WHEN ${value} IS NOT NULL THEN ${value} NOT IN (SELECT value FROM ${table}) END)`;
}

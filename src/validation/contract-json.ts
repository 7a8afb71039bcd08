import type {
  Check,
  CheckOptions,
  ColumnContract,
  Contract,
  ContractValue,
  FieldContract,
} from "./contract.ts";

type Json = Readonly<Record<string, unknown>>;

/**
 * The contract as read, every default filled in, by Pandera's words (reference: cli.md, section 2).
 * Keys of a column beyond those of the page stand there only when they say something.
 */
export function toContractJson(contract: Contract): Json {
  return {
    name: contract.name,
    title: contract.title,
    description: contract.description,
    dtype: contract.dtype,
    coerce: contract.coerce,
    strict: contract.strict,
    ordered: contract.ordered,
    unique: uniqueValue(contract),
    report_duplicates: contract.reportDuplicates,
    unique_column_names: contract.uniqueColumnNames,
    add_missing_columns: contract.addMissingColumns,
    drop_invalid_rows: contract.dropInvalidRows,
    index: contract.index?.map((level) => ({ name: level.name, ...fieldJson(level, {}) })) ?? null,
    ...(contract.multiindex === null ? {} : { multiindex: plain(contract.multiindex) }),
    checks: contract.checks.map(checkJson),
    ...(contract.evolution === null ? {} : { evolution: contract.evolution }),
    ...(contract.tableChecks === null ? {} : { table_checks: contract.tableChecks }),
    column_order: contract.columns.map((column) => column.name),
    columns: Object.fromEntries(
      contract.columns.map((column) => [column.name, columnJson(column)]),
    ),
  };
}

/** One set of columns is a list, several are a list of lists. */
export function uniqueValue(
  contract: Contract,
): readonly string[] | readonly (readonly string[])[] | null {
  return contract.unique?.length === 1 ? contract.unique[0]! : contract.unique;
}

function columnJson(column: ColumnContract): Json {
  return fieldJson(column, { required: column.required, regex: column.regex });
}

function fieldJson(field: FieldContract, more: Json): Json {
  return {
    dtype: field.dtype,
    nullable: field.nullable,
    unique: field.unique,
    coerce: field.coerce,
    ...more,
    title: field.title,
    description: field.description,
    ...(field.default === null ? {} : { default: plain(field.default) }),
    ...(field.reportDuplicates === "all" ? {} : { report_duplicates: field.reportDuplicates }),
    ...(field.dropInvalidRows ? { drop_invalid_rows: true } : {}),
    ...(field.sensitivity === null ? {} : { sensitivity: field.sensitivity }),
    checks: field.checks.map(checkJson),
  };
}

function checkJson(check: Check): Json {
  return {
    name: check.name,
    statistics: plain(check.statistics),
    options: optionsJson(check.options),
  };
}

/** Options that are not the default, by the names that a contract file has for them. */
export function optionsJson(
  options: CheckOptions,
): Readonly<Record<string, ContractValue | readonly string[]>> {
  return {
    ...(options.ignoreNa ? {} : { ignore_na: false }),
    ...(options.elementWise ? { element_wise: true } : {}),
    ...(options.raiseWarning ? { raise_warning: true } : {}),
    ...(options.nFailureCases === null ? {} : { n_failure_cases: options.nFailureCases }),
    ...(options.name === null ? {} : { name: options.name }),
    ...(options.error === null ? {} : { error: options.error }),
    ...(options.groupby === null ? {} : { groupby: options.groupby }),
    ...(options.groups === null ? {} : { groups: options.groups }),
    ...(options.mostly === null ? {} : { mostly: options.mostly }),
    ...(options.severity === "error" ? {} : { severity: options.severity }),
  };
}

/** Integers as numbers while they are safe; bigger ones stay bigints, whose digits the writer keeps. */
function plain(value: unknown): unknown {
  if (typeof value === "bigint") {
    const isSafe = value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER;
    return isSafe ? Number(value) : value;
  }
  if (typeof value === "number" && !Number.isFinite(value)) {
    return Number.isNaN(value) ? null : value > 0 ? "Infinity" : "-Infinity";
  }
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]));
}

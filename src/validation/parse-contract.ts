import { nearestName } from "../core/nearest.ts";
import { parseWith } from "../core/parse.ts";
import { CHECK_SPELLINGS } from "./check-catalog.ts";
import type { Check, ColumnContract, Contract, FieldContract } from "./contract.ts";
import { contractError, type PathStep } from "./contract-error.ts";
import {
  type ColumnFile,
  type ContractFile,
  contractSchema,
  type IndexFile,
} from "./contract-schema.ts";
import { KNOWN_DTYPES, parseDtype } from "./dtype.ts";
import { checkPattern, isTree, parseCheck, parseChecks } from "./parse-check.ts";
import { toTableChecks } from "./table-checks-schema.ts";

/**
 * Reads a contract from a value: Pandera's mapping in any of its shapes. Throws CONTRACT_INVALID for
 * what cannot be, where Pandera drops a misspelt key in silence.
 */
export function parseContract(input: unknown, file: string): Contract {
  return fromTree(normalise(input), file);
}

/** The same for a tree whose integers are bigints and whose numbers are floats. */
export function fromTree(tree: unknown, file: string): Contract {
  if (!isTree(tree)) {
    const got =
      tree === null || tree === undefined
        ? "nothing"
        : `a ${Array.isArray(tree) ? "list" : typeof tree}`;
    throw contractError(file, [], `expected a contract (a mapping with columns), got ${got}`);
  }
  const parsed = parseWith(contractSchema, tree, file, { code: "CONTRACT_INVALID", file });
  const columns = parseColumns(parsed.columns, tree["columns"], file);
  checkNames(columns, file);
  return {
    name: parsed.name,
    title: parsed.title,
    description: parsed.description,
    dtype: parseDtypeName(parsed.dtype, file, ["dtype"]),
    coerce: parsed.coerce,
    strict: parsed.strict,
    ordered: parsed.ordered,
    unique: parseUnique(parsed.unique),
    reportDuplicates: parsed.report_duplicates,
    uniqueColumnNames: parsed.unique_column_names,
    addMissingColumns: parsed.add_missing_columns,
    dropInvalidRows: parsed.drop_invalid_rows,
    index: parseIndex(parsed.index, tree["index"], file),
    multiindex: parsed.multiindex,
    checks: parseChecks(parsed.checks, file, ["checks"]),
    evolution: parsed.evolution ?? null,
    tableChecks: toTableChecks(parsed.table_checks),
    columns,
  };
}

/** `written` is the same as the file has it: zod loses the order of the keys, which numbers the checks. */
function parseColumns(
  columns: ContractFile["columns"],
  written: unknown,
  file: string,
): ColumnContract[] {
  if (columns === null) return [];
  const isList = Array.isArray(columns);
  return Object.entries(columns).map(([key, column]) => {
    const path: PathStep[] = ["columns", isList ? Number(key) : key];
    if (isList && column.name === null) {
      throw contractError(file, path, "expected a column with a name, got none");
    }
    const name = isList ? String(column.name) : key;
    return parseColumn(name, column, (written as Written)[key]!, file, path);
  });
}

type Written = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

function parseColumn(
  name: string,
  column: ColumnFile,
  written: Written[string],
  file: string,
  path: readonly PathStep[],
): ColumnContract {
  if (column.regex) checkPattern(name, true, file, path);
  return {
    ...parseField(name, column, written, file, path),
    name,
    required: column.required,
    regex: column.regex,
  };
}

function parseIndex(
  index: ContractFile["index"],
  written: unknown,
  file: string,
): Contract["index"] {
  if (index === null || index.length === 0) return null;
  return index.map((level, i) =>
    parseField(level.name, level, (written as Written)[i]!, file, ["index", i]),
  );
}

function parseField(
  name: string | null,
  field: ColumnFile | IndexFile,
  written: Written[string],
  file: string,
  path: readonly PathStep[],
): FieldContract {
  return {
    name,
    title: field.title,
    description: field.description,
    dtype: parseDtypeName(field.dtype, file, [...path, "dtype"]),
    nullable: field.nullable,
    unique: field.unique,
    coerce: field.coerce,
    default: field.default,
    reportDuplicates: field.report_duplicates,
    dropInvalidRows: field.drop_invalid_rows,
    sensitivity: field.sensitivity,
    checks: parseFieldChecks(written, file, path),
  };
}

/** Checks stand flat among a column's keys, or under `checks`; Pandera would lose the flat ones of both. */
function parseFieldChecks(
  field: Readonly<Record<string, unknown>>,
  file: string,
  path: readonly PathStep[],
): readonly Check[] {
  const flat = Object.keys(field).filter((key) => CHECK_SPELLINGS.includes(key));
  if (field["checks"] === undefined || field["checks"] === null) {
    return flat.map((key) => parseCheck(key, field[key], file, [...path, key]));
  }
  if (flat.length > 0) {
    throw contractError(
      file,
      [...path, flat[0]!],
      `expected checks in one place, got "${flat[0]}" beside "checks"`,
      `move ${flat[0]} into the list under checks`,
    );
  }
  return parseChecks(field["checks"], file, [...path, "checks"]);
}

function parseDtypeName(
  written: string | null,
  file: string,
  path: readonly PathStep[],
): string | null {
  if (written === null) return null;
  const dtype = parseDtype(written);
  if (dtype !== undefined) return dtype.name;
  const near = nearestName(written, KNOWN_DTYPES);
  throw contractError(
    file,
    path,
    `expected a dtype, got "${written}"${near === undefined ? "" : `; did you mean "${near}"?`}`,
    near === undefined ? undefined : `write "${near}" instead of "${written}"`,
  );
}

/** A set of no columns says nothing. */
function parseUnique(unique: ContractFile["unique"]): Contract["unique"] {
  if (unique === null) return null;
  if (typeof unique === "string") return [[unique]];
  const isOneSet = unique.every((item) => typeof item === "string");
  const sets = (isOneSet ? [unique] : (unique as string[][])).filter((set) => set.length > 0);
  return sets.length === 0 ? null : sets;
}

function checkNames(columns: readonly ColumnContract[], file: string): void {
  const seen = new Set<string>();
  for (const [i, { name }] of columns.entries()) {
    if (seen.has(name)) {
      throw contractError(file, ["columns", i], `expected each column once, got "${name}" twice`);
    }
    seen.add(name);
  }
}

/** Numbers of JavaScript as a contract's: whole ones are integers. */
function normalise(value: unknown): unknown {
  if (typeof value === "number") return Number.isSafeInteger(value) ? BigInt(value) : value;
  if (Array.isArray(value)) return value.map(normalise);
  if (!isTree(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, normalise(item)]));
}

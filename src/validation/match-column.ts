import type { ColumnContract, Contract } from "./contract.ts";
import { parsePythonRegex } from "./python-regex.ts";

/** Whether a column of a contract speaks of a column of the data; a regex is anchored at the start. */
export function matchesColumn(column: ColumnContract, name: string): boolean {
  if (!column.regex) return column.name === name;
  return parsePythonRegex(column.name, true).js?.test(name) ?? false;
}

/** Whether a contract marks a column of the data `sensitivity: identifier` or `phi`. */
export function isSensitiveColumn(contract: Contract, name: string): boolean {
  return contract.columns.some(
    (column) => column.sensitivity !== null && matchesColumn(column, name),
  );
}

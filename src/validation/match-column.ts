import type { ColumnContract, Contract } from "./contract.ts";
import { parsePythonRegex } from "./python-regex.ts";

/** Tells which columns of the data a column of a contract speaks of; a regex is anchored at the start. */
export function columnMatcher(column: ColumnContract): (name: string) => boolean {
  if (!column.regex) return (name) => column.name === name;
  const { js } = parsePythonRegex(column.name, true);
  return (name) => js?.test(name) ?? false;
}

/** Whether a contract marks a column of the data `sensitivity: identifier` or `phi`. */
export function isSensitiveColumn(contract: Contract, name: string): boolean {
  return contract.columns.some(
    (column) => column.sensitivity !== null && columnMatcher(column)(name),
  );
}

import type { RelationColumn } from "../table/relation.ts";
import { type ColumnContract, type Contract, emptyColumn } from "./contract.ts";
import { type Dtype, dataDtype, isOfDtype, parseDtype } from "./dtype.ts";
import { columnMatcher } from "./match-column.ts";

/**
 * A contract as it holds for data whose columns have changed since the first rows, in ways that its
 * `evolution` allows: a column it does not name may be there, one that it requires may be gone, a type
 * may be another. `lacking` are columns that some rows were stored without: a null there is no fault of
 * the values. A contract that says nothing of evolution holds as it is written.
 */
export function evolveContract(
  contract: Contract,
  data: readonly RelationColumn[],
  lacking: ReadonlySet<string> = new Set(),
): Contract {
  const { evolution } = contract;
  if (evolution === null) return contract;
  const columns = contract.columns.map((column) => {
    const isMatch = columnMatcher(column);
    const matched = data.filter(({ name }) => isMatch(name));
    let evolved = column;
    if (matched.length === 0 && evolution.removed !== "fail")
      evolved = toOptional(contract, column);
    if (evolution.retyped !== "fail") evolved = toUntyped(contract, evolved, matched);
    return matched.some(({ name }) => lacking.has(name)) ? toNullable(evolved) : evolved;
  });
  if (contract.strict !== true || evolution.added !== "add") return { ...contract, columns };
  const named = contract.columns.map(columnMatcher);
  const added = data.filter(({ name }) => !named.some((isMatch) => isMatch(name)));
  const free = added.map(({ name }) => ({ ...emptyColumn(name), nullable: true, required: false }));
  return { ...contract, columns: [...columns, ...free] };
}

/** A column that the contract itself can add is added. */
function toOptional(contract: Contract, column: ColumnContract): ColumnContract {
  const isAdded = contract.addMissingColumns && (column.default !== null || column.nullable);
  return isAdded ? column : { ...column, required: false };
}

/** What the contract coerces keeps its type; checks of numbers mean nothing for text. */
function toUntyped(
  contract: Contract,
  column: ColumnContract,
  matched: readonly RelationColumn[],
): ColumnContract {
  if (column.dtype === null || column.coerce || contract.coerce) return column;
  const wanted = parseDtype(column.dtype)!;
  const actual = matched.map(({ type, duckdbType }) => dataDtype(type, duckdbType));
  if (actual.every((dtype) => isOfDtype(dtype, wanted))) return column;
  const isLike = actual.every((dtype) => kindOf(dtype) === kindOf(wanted));
  return { ...column, dtype: null, checks: isLike ? column.checks : [] };
}

function kindOf({ kind }: Dtype): string {
  return kind === "int" || kind === "float" || kind === "decimal" ? "number" : kind;
}

function toNullable(column: ColumnContract): ColumnContract {
  const checks = column.checks.map((check) => ({
    ...check,
    options: { ...check.options, ignoreNa: true },
  }));
  return { ...column, nullable: true, checks };
}

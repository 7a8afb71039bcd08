import type { Row } from "../table/row.ts";
import type { Contract } from "./contract.ts";
import type { ColumnDefinitions, ContractDefinition } from "./contract-definition.ts";
import type { RowOf } from "./contract-row.ts";
import { parseContractText } from "./contract-text.ts";
import type { DtypeName } from "./dtype-name.ts";
import { parseContract } from "./parse-contract.ts";
import { toContractYaml, type WriteOptions } from "./write-contract.ts";

declare const rowType: unique symbol;

/** A contract that knows the type of its rows, for the compiler only, and its YAML. */
export type TypedContract<R> = Contract &
  Readonly<{ toYaml(options?: WriteOptions): string; [rowType]?: R }>;

/** The type of the rows of a contract: `type Patient = InferRow<typeof patients>`. */
export type InferRow<C> = C extends TypedContract<infer R> ? R : never;

/**
 * A contract in code, in the words of the YAML and read by the same parser: the same checks, the same
 * errors, the same file when written.
 *
 *     const patients = defineContract({ columns: { age: { dtype: "int64", nullable: true } } });
 *     type Patient = InferRow<typeof patients>; // { readonly age: number | null }
 */
export function defineContract<
  const Columns extends ColumnDefinitions,
  const FrameDtype extends DtypeName = never,
>(definition: ContractDefinition<Columns, FrameDtype>): TypedContract<RowOf<Columns, FrameDtype>> {
  return typed(parseContract(definition, definition.name ?? "contract"));
}

/** Reads a contract from YAML text; `file` names it in errors. Its rows are of any columns. */
export function contractFromYaml(text: string, file = "contract.yaml"): TypedContract<Row> {
  return typed(parseContractText(text, file));
}

function typed<R>(contract: Contract): TypedContract<R> {
  return { ...contract, toYaml: (options) => toContractYaml(contract, options) };
}

import type { ContractDefinition } from "../../src/validation/contract-definition.ts";
import {
  type contractFromYaml,
  defineContract,
  type InferRow,
  type TypedContract,
} from "../../src/validation/define-contract.ts";

/** Fails to compile where two types are not the same one. */
type Same<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function same<A, B>(..._: Same<A, B> extends true ? [] : ["expected the same type"]): void {}

const visits = defineContract({
  columns: {
    patient_id: { dtype: "str", unique: true, str_matches: "P[0-9]{4}$" },
    age: { dtype: "int64", nullable: true, in_range: { min_value: 0, max_value: 120 } },
    score: { dtype: "float64", required: false },
    smoker: { dtype: "boolean" },
    seen: { dtype: "datetime64[ns]", coerce: true },
    seen_there: { dtype: "datetime64[ns, Europe/Zurich]", nullable: true },
    city: { dtype: "str", isin: ["Bern", "Basel"], nullable: true },
    stage: { dtype: "int64", isin: { allowed_values: [1, 2, 3], error: "no such stage" } },
    almost: { dtype: "str", isin: { value: ["a", "b"], mostly: 0.9 } },
    warned: { dtype: "category", isin: { value: ["a"], severity: "warning" } },
    "lab_.*": { dtype: "float64", regex: true },
    note: { required: false, nullable: true },
    bare: { isin: ["x", 1] },
    stay: { dtype: "timedelta64[ns]" },
  },
  strict: "filter",
});

type Visit = InferRow<typeof visits>;
same<
  Visit,
  {
    readonly patient_id: string;
    readonly age: number | null;
    readonly score?: number;
    readonly smoker: boolean;
    readonly seen: string;
    readonly seen_there: string | null;
    readonly city: "Bern" | "Basel" | null;
    readonly stage: 1 | 2 | 3;
    readonly almost: string;
    readonly warned: string;
    readonly note?: unknown;
    readonly bare: "x" | 1;
    readonly stay: unknown;
  }
>();

/** A dtype of the frame is every column's. */
const measures = defineContract({
  dtype: "float64",
  columns: { a: { dtype: "str" }, b: { nullable: true } },
});
same<InferRow<typeof measures>, { readonly a: number; readonly b: number | null }>();

same<
  InferRow<ReturnType<typeof contractFromYaml>>[string],
  import("../../src/table/row.ts").Value
>();
same<InferRow<TypedContract<{ a: 1 }>>, { a: 1 }>();

type ForeignKey = NonNullable<NonNullable<ContractDefinition["table_checks"]>["foreign_key"]>;

/** What stands beside the columns says nothing of a row. */
const whole = defineContract({
  columns: { id: { dtype: "int64" } },
  index: [{ name: "site", dtype: "str" }, { name: "row" }],
  multiindex: { name: "place", coerce: true, strict: true, ordered: false },
  table_checks: {
    row_count: { min: 1, max: null },
    freshness: { column: "seen", max_age: "2d", severity: "warning" },
    no_subject_in_two_splits: { subject: "id", split: "split" },
    foreign_key: [
      { columns: "id", dataset: "people" },
      { columns: ["a", "b"], file: "sites.csv", references: ["c", "d"], severity: "warning" },
    ],
    unique_share: { columns: ["id"], min: 0.9 },
  },
});
same<InferRow<typeof whole>, { readonly id: number }>();

// what the compiler refuses before the parser would
// @ts-expect-error a misspelt dtype
defineContract({ columns: { a: { dtype: "int46" } } });
// @ts-expect-error a misspelt check
defineContract({ columns: { a: { dtype: "int64", in_rnge: { min_value: 0, max_value: 1 } } } });
// @ts-expect-error a misspelt key of the schema
defineContract({ columns: {}, stict: true });
// @ts-expect-error a bound too few
defineContract({ columns: { a: { in_range: { min_value: 0 } } } });
// @ts-expect-error an argument of another check
defineContract({ columns: { a: { greater_than: { max_value: 0 } } } });
// @ts-expect-error a length that is text
defineContract({ columns: { a: { str_length: "8" } } });
// @ts-expect-error a misspelt check of the table
defineContract({ columns: {}, table_checks: { rowcount: { min: 1 } } });
// @ts-expect-error an argument too few
defineContract({ columns: {}, table_checks: { freshness: { column: "seen" } } });
// @ts-expect-error a dataset and a file
const both: ForeignKey = { columns: "a", dataset: "b", file: "c" };
defineContract({ columns: {}, table_checks: { foreign_key: both } });
// @ts-expect-error a misspelt key of the index as a whole
defineContract({ columns: {}, multiindex: { orderd: true } });

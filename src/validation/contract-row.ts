import type { ColumnDefinition, ColumnDefinitions, Literal } from "./contract-definition.ts";
import type { BooleanDtype, DtypeName, NumberDtype, TextDtype, TimeDtype } from "./dtype-name.ts";

/**
 * The row that a contract describes, as the engine gives it: numbers (integers beyond 2^53 are bigints
 * at run time), text, booleans, times as ISO 8601 text. A nullable column is `| null`, one that is not
 * required is optional, `isin` is the union of its values. Columns named by a pattern are not in it.
 */
export type RowOf<Columns extends ColumnDefinitions, FrameDtype extends DtypeName> = Readonly<
  Flat<
    { [name in Names<Columns, true>]: ValueOf<Columns[name], FrameDtype> } & {
      [name in Names<Columns, false>]?: ValueOf<Columns[name], FrameDtype>;
    }
  >
>;

type Flat<T> = { [key in keyof T]: T[key] };

type Names<Columns extends ColumnDefinitions, Required extends boolean> = {
  [name in keyof Columns]: Columns[name] extends { regex: true }
    ? never
    : Columns[name] extends { required: false }
      ? Required extends true
        ? never
        : name
      : Required extends true
        ? name
        : never;
}[keyof Columns];

type ValueOf<Column extends ColumnDefinition, FrameDtype extends DtypeName> =
  | OfChecks<Column, [FrameDtype] extends [never] ? DtypeOf<Column> : FrameDtype>
  | (Column extends { nullable: true } ? null : never);

type DtypeOf<Column> = Column extends { dtype: infer Dtype extends DtypeName } ? Dtype : "object";

/** A set that only warns, or that a share of the values may leave, narrows nothing. */
type OfChecks<Column, Dtype extends DtypeName> = Column extends { isin: infer Set }
  ? Set extends { mostly: number } | { severity: "warning" } | { raise_warning: true }
    ? OfDtype<Dtype>
    : Narrowed<Members<Set>, Dtype>
  : OfDtype<Dtype>;

type Members<Set> = Set extends readonly (infer Member)[]
  ? Member
  : Set extends { allowed_values: readonly (infer Member)[] } | { value: readonly (infer Member)[] }
    ? Member
    : never;

/** The members that the column can hold: text is never a number, and the reverse; times compare by value. */
type Narrowed<Member, Dtype extends DtypeName> = Dtype extends NumberDtype
  ? Extract<Member, number | bigint>
  : Dtype extends BooleanDtype | TextDtype
    ? Extract<Member, OfDtype<Dtype>>
    : Dtype extends "object"
      ? Extract<Member, Literal>
      : OfDtype<Dtype>;

type OfDtype<Dtype extends DtypeName> = Dtype extends NumberDtype
  ? number
  : Dtype extends BooleanDtype
    ? boolean
    : Dtype extends TextDtype | TimeDtype
      ? string
      : unknown;

import type { Engine } from "../table/engine.ts";
import type { Relation } from "../table/relation.ts";
import type { Row, Value } from "../table/row.ts";
import {
  type Check,
  type ColumnContract,
  type Contract,
  DEFAULT_OPTIONS,
  EMPTY_CONTRACT,
  emptyColumn,
  type Sensitivity,
} from "./contract.ts";
import { type Dtype, dataDtype } from "./dtype.ts";
import { profileQuery, valuesQuery } from "./infer-contract-sql.ts";
import { inferRange } from "./infer-range.ts";
import { inferText } from "./infer-text.ts";
import { suggestSensitivity } from "./suggest-sensitivity.ts";

/** So few values, and so small a share of the rows, are a set and not chance. */
const SET_SIZE = 20;
const SET_SHARE = 0.05;
/** Each counts its different values, so the columns of a wide table do not fit in memory together. */
const COLUMNS_A_SCAN = 100;
const KEY_NAME = /(^|[_\s-])(id|key|code|uuid|guid|mrn|number|nr)$|Id$|ID$/i;

export type InferredContract = Readonly<{
  contract: Contract;
  /** Columns whose name or values suggest what a person must decide. */
  sensitive: ReadonlyMap<string, Sensitivity>;
}>;

/** What one column holds, as far as one scan can tell. */
type Facts = Readonly<{
  name: string;
  dtype: Dtype;
  rowCount: number;
  present: number;
  distinct: number;
  low: Value;
  high: Value;
  /** Of numbers: none has a fraction. */
  isWhole: boolean;
  text: Row;
}>;

/**
 * Proposes a contract that a person would keep: type, whether nulls occur, a range with 10 % of room
 * for numbers, a set where few values repeat often, a pattern for codes, dates in text as dates, and
 * what identifies a row. The data is read once, and once more for the values of sets; once for each
 * hundred columns where there are more.
 */
export async function inferContract(
  engine: Engine,
  relation: Relation,
  options: Readonly<{ name?: string }> = {},
): Promise<InferredContract> {
  const found: { facts: Facts; values: Value[] | undefined }[] = [];
  for (let at = 0; at < relation.columns.length; at += COLUMNS_A_SCAN) {
    const some = { ...relation, columns: relation.columns.slice(at, at + COLUMNS_A_SCAN) };
    const [profile] = await engine.rows(profileQuery(some));
    const facts = some.columns.map((column, i) => factsOf(column, profile!, i, relation.rowCount));
    const places = facts.flatMap((each, i) => (isSet(each) ? [i] : []));
    const [values] = places.length === 0 ? [{}] : await engine.rows(valuesQuery(some, places));
    const valuesOf = (i: number) => values![`values${i}`] as Value[] | undefined;
    found.push(...facts.map((each, i) => ({ facts: each, values: valuesOf(i) })));
  }
  const facts = found.map((each) => each.facts);
  const keys = keysOf(facts);
  const columns = found.map((each) =>
    inferColumn(each.facts, keys.has(each.facts.name), each.values),
  );
  return {
    contract: { ...EMPTY_CONTRACT, name: options.name ?? null, columns },
    sensitive: new Map(facts.flatMap(suggestion)),
  };
}

function factsOf(
  column: Relation["columns"][number],
  profile: Row,
  place: number,
  rowCount: number,
): Facts {
  const fact = (name: string) => profile[`${name}${place}`] ?? null;
  const names = [
    "shortest",
    "longest",
    "least_shape",
    "greatest_shape",
    "dates",
    "emails",
    "phones",
  ];
  return {
    name: column.name,
    dtype: dataDtype(column.type, column.duckdbType),
    rowCount,
    present: Number(fact("present")),
    distinct: Number(fact("distinct")),
    low: fact("low"),
    high: fact("high"),
    isWhole: fact("whole") === true,
    text: Object.fromEntries(names.map((name) => [name, fact(name)])),
  };
}

function isSet({ dtype, distinct, rowCount, isWhole }: Facts): boolean {
  const isOfValues = dtype.kind === "text" || dtype.kind === "category" || isWhole;
  return isOfValues && distinct > 0 && distinct <= SET_SIZE && distinct <= rowCount * SET_SHARE;
}

/** What identifies every row: by its name, else the first column that does. */
function keysOf(facts: readonly Facts[]): ReadonlySet<string> {
  const unique = facts.filter(
    ({ dtype, distinct, rowCount }) =>
      rowCount > 1 && distinct === rowCount && (dtype.kind === "int" || dtype.kind === "text"),
  );
  const named = unique.filter(({ name }) => KEY_NAME.test(name));
  return new Set((named.length > 0 ? named : unique.slice(0, 1)).map(({ name }) => name));
}

function inferColumn(
  facts: Facts,
  isKey: boolean,
  values: readonly Value[] | undefined,
): ColumnContract {
  const { name, dtype, present, rowCount } = facts;
  const column = { ...emptyColumn(name), nullable: present < rowCount, unique: isKey };
  if (present > 0 && Number(facts.text["dates"]) === present) {
    return { ...column, dtype: "datetime64[ns]", coerce: true };
  }
  const checks = values === undefined ? inferChecks(facts, isKey) : [isin(values, dtype)];
  return { ...column, dtype: contractType(dtype), checks };
}

function inferChecks(facts: Facts, isKey: boolean): readonly Check[] {
  const { dtype, low, high, distinct, text } = facts;
  if (low === null || high === null) return [];
  if (dtype.kind === "text") {
    return inferText({
      ...{ distinct, low: String(low), high: String(high) },
      ...{ shortest: Number(text["shortest"]), longest: Number(text["longest"]) },
      leastShape: String(text["least_shape"]),
      greatestShape: String(text["greatest_shape"]),
    });
  }
  // the next key lies outside of what was seen
  if (isKey) return [];
  return dtype.kind === "int"
    ? inferRange(toInteger(low), toInteger(high))
    : inferRange(Number(low), Number(high));
}

function isin(values: readonly Value[], dtype: Dtype): Check {
  const allowed = values.map((value) =>
    dtype.kind === "int" ? toInteger(value) : (value as string | number),
  );
  return { name: "isin", statistics: { allowed_values: allowed }, options: DEFAULT_OPTIONS };
}

/** A contract writes times in nanoseconds, as pandas does, whatever the file counts in. */
function contractType(dtype: Dtype): string | null {
  if (dtype.kind === "decimal" || dtype.kind === "timedelta") return null;
  if (dtype.kind === "object") return "object";
  if (dtype.kind !== "datetime") return dtype.name;
  return dtype.zone === null ? "datetime64[ns]" : `datetime64[ns, ${dtype.zone}]`;
}

function suggestion({ name, present, text }: Facts): [string, Sensitivity][] {
  const isAll = (count: Value | undefined) => present > 0 && Number(count) === present;
  const shape = { isEmail: isAll(text["emails"]), isPhone: isAll(text["phones"]) };
  const sensitivity = suggestSensitivity(name, shape);
  return sensitivity === null ? [] : [[name, sensitivity]];
}

function toInteger(value: Value): bigint {
  return typeof value === "bigint" ? value : BigInt(Number(value));
}

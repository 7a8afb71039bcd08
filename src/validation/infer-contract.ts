import type { Engine } from "../table/engine.ts";
import type { Relation } from "../table/relation.ts";
import type { Value } from "../table/row.ts";
import {
  type Check,
  type ColumnContract,
  type Contract,
  type ContractValue,
  DEFAULT_OPTIONS,
  EMPTY_CONTRACT,
  emptyColumn,
} from "./contract.ts";
import { type Dtype, dataDtype } from "./dtype.ts";
import { distinctQuery, profileQuery } from "./infer-contract-sql.ts";

/** Numbers get room on both sides: this share of the range that was seen. */
const MARGIN = 0.1;
/** So few values, and so small a share of the rows, are a set and not chance. */
const SET_SIZE = 20;
const SET_SHARE = 0.05;

/**
 * Proposes a contract that a person would keep: type, whether nulls occur, a range with 10 % of room
 * for numbers, a set where few values repeat often, and the first column that identifies every row.
 */
export async function inferContract(
  engine: Engine,
  relation: Relation,
  options: Readonly<{ name?: string }> = {},
): Promise<Contract> {
  const [profile] = await engine.rows(profileQuery(relation));
  const columns: ColumnContract[] = [];
  let hasKey = false;
  for (const [i, { name, type, duckdbType }] of relation.columns.entries()) {
    const dtype = dataDtype(type, duckdbType);
    const present = Number(profile![`n${i}`]);
    const distinct = Number(profile![`d${i}`]);
    const { rowCount } = relation;
    const isKey: boolean = !hasKey && rowCount > 1 && distinct === rowCount && isIdentifier(dtype);
    hasKey ||= isKey;
    const isSet = distinct > 0 && distinct <= SET_SIZE && distinct <= rowCount * SET_SHARE;
    const values = isSet && dtype.kind !== "bool" && dtype.kind !== "float";
    const checks = values
      ? [
          isin(
            (await engine.rows(distinctQuery(relation, i))).map((row) => row["v"]!),
            dtype,
          ),
        ]
      : rangeChecks(dtype, profile![`lo${i}`]!, profile![`hi${i}`]!, isKey);
    columns.push({
      ...emptyColumn(name),
      dtype: contractType(dtype),
      nullable: present < rowCount,
      unique: isKey,
      checks,
    });
  }
  return { ...EMPTY_CONTRACT, name: options.name ?? null, columns };
}

function isIdentifier(dtype: Dtype): boolean {
  return dtype.kind === "int" || dtype.kind === "text";
}

/** A contract writes times in nanoseconds, as pandas does, whatever the file counts in. */
function contractType(dtype: Dtype): string | null {
  if (dtype.kind === "decimal" || dtype.kind === "timedelta") return null;
  if (dtype.kind === "object") return "object";
  if (dtype.kind !== "datetime") return dtype.name;
  return dtype.zone === null ? "datetime64[ns]" : `datetime64[ns, ${dtype.zone}]`;
}

function isin(values: readonly Value[], dtype: Dtype): Check {
  const allowed = values.map((value) =>
    dtype.kind === "int" ? toInteger(value) : (value as string),
  );
  return { name: "isin", statistics: { allowed_values: allowed }, options: DEFAULT_OPTIONS };
}

function rangeChecks(dtype: Dtype, low: Value, high: Value, isKey: boolean): Check[] {
  // the next key lies outside of what was seen
  if (isKey || low === null || high === null) return [];
  const bounds =
    dtype.kind === "int" ? integerBounds(low, high) : floatBounds(Number(low), Number(high));
  if (bounds === null) return [];
  const [min_value, max_value] = bounds;
  const statistics = { min_value, max_value, include_min: true, include_max: true };
  return [{ name: "in_range", statistics, options: DEFAULT_OPTIONS }];
}

type Bounds = readonly [ContractValue, ContractValue] | null;

function integerBounds(low: Value, high: Value): Bounds {
  const [min, max] = [toInteger(low), toInteger(high)];
  const room = (max - min + 9n) / 10n;
  return [keepSign(min, min - room, 0n), max + room];
}

function floatBounds(low: number, high: number): Bounds {
  if (!Number.isFinite(low) || !Number.isFinite(high)) return null;
  const room = (high - low) * MARGIN;
  return [
    keepSign(low, round(low - room, room, Math.floor), 0),
    round(high + room, room, Math.ceil),
  ];
}

/** What was never negative stays so. */
function keepSign<T extends number | bigint>(seen: T, bound: T, zero: T): T {
  return seen >= zero && bound < zero ? zero : bound;
}

/** To two digits of the room, outwards: `17.3` and not `17.299999999999997`. */
function round(value: number, room: number, direction: (x: number) => number): number {
  if (room === 0) return value;
  const decimals = Math.max(0, 1 - Math.floor(Math.log10(room)));
  if (decimals > 15) return value;
  const scale = 10 ** decimals;
  return direction(value * scale) / scale;
}

function toInteger(value: Value): bigint {
  return typeof value === "bigint" ? value : BigInt(Number(value));
}

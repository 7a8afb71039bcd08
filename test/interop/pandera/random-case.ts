import type { Random } from "../../../src/core/random.ts";
import { randomChecks, randomFrameChecks } from "./random-checks.ts";
import { chance, pick } from "./random-choice.ts";
import { type Kind, randomTable, type Table } from "./random-table.ts";
import { flow, Raw, type Tree } from "./yaml-flow.ts";

/** A contract and a small table for it, as CSV text with the types that content does not tell. */
export type RandomCase = Readonly<{
  name: string;
  contract: string;
  csv: string;
  types: Readonly<Record<string, string>>;
}>;

/**
 * The dtypes that a contract may ask of a column that holds this kind: the right ones, and others.
 * Left out is what DuetMind does otherwise on purpose (docs/contracts.md says what and why).
 */
const DTYPES: Readonly<Record<Kind, readonly string[]>> = {
  int: ["int64", "int64", "int", "int32", "float64", "str", "category"],
  float: ["float64", "float64", "float", "float32", "int64", "str"],
  text: ["str", "str", "string", "object", "category", "int64", "float64", "datetime64[ns]"],
  bool: ["bool", "bool", "int64", "str", "float64"],
  datetime: ["datetime64[ns]", "datetime64[us]", "datetime"],
};
const RIGHT: Readonly<Record<Kind, string>> = {
  int: "int64",
  float: "float64",
  text: "str",
  bool: "bool",
  datetime: "datetime64[ns]",
};

/** What a default of a column may be, by what the contract asks of it. */
const DEFAULTS: Readonly<Record<Kind, readonly unknown[]>> = {
  int: [7, -1],
  float: [new Raw("2.5"), new Raw("0.0")],
  text: ["q", "ab"],
  bool: [true, false],
  datetime: [],
};

export function randomCase(random: Random, name: string): RandomCase {
  const table = randomTable(random);
  // Pandera gives up on rows to drop where a column is of the wrong type
  const drops = chance(random, 0.15);
  const columns = randomColumns(random, table, drops);
  const contract: Record<string, unknown> = { columns };
  if (drops) contract["drop_invalid_rows"] = true;
  const names = table.columns.map((column) => column.name);
  if (chance(random, 0.25)) contract["strict"] = pick(random, [true, "filter"]);
  if (chance(random, 0.2)) contract["ordered"] = true;
  if (!drops && chance(random, 0.2)) contract["coerce"] = true;
  if (chance(random, 0.2)) contract["add_missing_columns"] = true;
  if (chance(random, 0.1)) contract["unique_column_names"] = true;
  const hasTimes = table.columns.some((column) => column.kind === "datetime");
  const hasPattern = Object.values(columns).some((column) => "regex" in (column as Tree));
  if (!drops && !hasTimes && !hasPattern && chance(random, 0.08)) {
    contract["dtype"] = pick(random, ["float64", "str", "int64"]);
  }
  if (chance(random, 0.2)) {
    contract["unique"] = randomSets(random, names);
    if (chance(random, 0.6)) {
      contract["report_duplicates"] = pick(random, ["all", "exclude_first", "exclude_last"]);
    }
  }
  if (chance(random, 0.15)) contract["checks"] = randomFrameChecks(random);
  if (chance(random, 0.12)) contract["index"] = [randomIndex(random)];
  return { name, contract: flow(contract), csv: table.csv, types: table.types };
}

function randomSets(random: Random, names: readonly string[]): unknown {
  const set = () => {
    const found = names.filter(() => chance(random, 0.4));
    return found.length === 0 ? [pick(random, names)] : found;
  };
  if (chance(random, 0.3)) return pick(random, names);
  return chance(random, 0.4) ? [set(), set()] : set();
}

function randomColumns(random: Random, table: Table, drops: boolean): Tree {
  const columns: [string, Tree][] = [];
  for (const { name, kind } of table.columns) {
    if (chance(random, 0.15)) continue;
    columns.push([name, randomColumn(random, kind, { drops })]);
  }
  if (chance(random, 0.2)) {
    columns.push(["absent", randomColumn(random, "int", { drops, defaults: 0.5 })]);
  }
  if (chance(random, 0.1)) {
    columns.push(["away", randomColumn(random, "text", { drops, defaults: 0.5 })]);
  }
  if (chance(random, 0.2)) {
    const pattern = pick(random, ["x_", "[ab]$", "x_\\d$", "q.*", ".*"]);
    const column = { nullable: chance(random, 0.5), unique: chance(random, 0.1), regex: true };
    columns.push([pattern, { ...column, isin: [0, 1, "a", true], ne: 1 }]);
  }
  if (columns.length > 1 && chance(random, 0.25)) columns.push(columns.shift()!);
  return Object.fromEntries(columns);
}

function randomColumn(
  random: Random,
  kind: Kind,
  { drops, defaults = 0.08 }: { drops: boolean; defaults?: number },
): Tree {
  const column: Record<string, unknown> = {};
  if (chance(random, 0.6)) column["dtype"] = drops ? RIGHT[kind] : pick(random, DTYPES[kind]);
  // nulls make integers floats
  if (drops && kind === "int") delete column["dtype"];
  if (chance(random, 0.6)) column["nullable"] = true;
  if (chance(random, 0.12)) {
    column["unique"] = true;
    if (chance(random, 0.5)) {
      column["report_duplicates"] = pick(random, ["exclude_first", "exclude_last"]);
    }
  }
  if (!drops && chance(random, 0.2)) column["coerce"] = true;
  if (chance(random, 0.1)) column["required"] = false;
  const values = DEFAULTS[kind];
  const isObject = column["dtype"] === "object";
  if (values.length > 0 && !isObject && chance(random, defaults)) {
    column["default"] = pick(random, values);
  }
  return { ...column, ...randomChecks(random, kind) };
}

function randomIndex(random: Random): Tree {
  const index: Record<string, unknown> = {};
  if (chance(random, 0.7)) index["dtype"] = pick(random, ["int64", "int64", "int32"]);
  if (chance(random, 0.3)) index["name"] = "key";
  if (chance(random, 0.3)) index["unique"] = true;
  if (chance(random, 0.2)) index["nullable"] = true;
  return { ...index, ...randomChecks(random, "int") };
}

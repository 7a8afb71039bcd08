import { Document, isCollection, isMap, isSeq, type ScalarTag } from "yaml";
import type { Check, ColumnContract, Contract, FieldContract } from "./contract.ts";
import { optionsJson, uniqueValue } from "./contract-json.ts";
import { floatRepr } from "./python-text.ts";
import type { TableChecks } from "./table-checks.ts";

export type WriteOptions = Readonly<{
  /** Every key, also those that are at their default. */
  full?: boolean;
  /** First line, for editors: the JSON Schema of contracts. */
  header?: string;
  /** Comments above what stands of a column, by its name. */
  comments?: ReadonlyMap<string, string>;
}>;

/** A float, kept apart from an integer of the same value. */
class Float {
  readonly value: number;
  constructor(value: number) {
    this.value = value;
  }
}

/** PyYAML takes `1e+20` for text: a float needs its point. */
const floatTag: ScalarTag = {
  tag: "tag:yaml.org,2002:float",
  default: true,
  identify: (value) => value instanceof Float,
  resolve: (text) => text,
  stringify: ({ value }) => floatText((value as Float).value),
};

function floatText(value: number): string {
  if (Number.isNaN(value)) return ".nan";
  if (!Number.isFinite(value)) return value > 0 ? ".inf" : "-.inf";
  const text = floatRepr(value);
  return text.includes("e") && !text.includes(".") ? text.replace("e", ".0e") : text;
}

type Tree = Readonly<Record<string, unknown>>;

/**
 * Writes a contract as Pandera does: flat checks, and only what is not the default. Pandera reads it;
 * it takes DuetMind's own options for unknown arguments in the flat form, so a column that uses them
 * has its checks in the list form, where it skips over them.
 */
export function toContractYaml(contract: Contract, options: WriteOptions = {}): string {
  const full = options.full ?? false;
  const top: [string, unknown, unknown][] = [
    ["dtype", contract.dtype, null],
    ["coerce", contract.coerce, false],
    ["strict", contract.strict, false],
    ["name", contract.name, null],
    ["ordered", contract.ordered, false],
    ["unique", uniqueValue(contract), null],
    ["report_duplicates", contract.reportDuplicates, "all"],
    ["unique_column_names", contract.uniqueColumnNames, false],
    ["add_missing_columns", contract.addMissingColumns, false],
    ["title", contract.title, null],
    ["description", contract.description, null],
    ["drop_invalid_rows", contract.dropInvalidRows, false],
  ];
  const { index, multiindex, checks } = contract;
  const tree = {
    schema_type: "dataframe",
    api: "pandas",
    columns: columnsTree(contract, full),
    ...(full || checks.length > 0 ? { checks: checks.map(listedCheck) } : {}),
    ...(full || index !== null
      ? { index: index?.map((level) => indexTree(level, full)) ?? null }
      : {}),
    ...(multiindex === null ? {} : { multiindex: toYamlValue(multiindex) }),
    ...keep(top, full),
    ...(contract.evolution === null ? {} : { evolution: contract.evolution }),
    ...(contract.tableChecks === null
      ? {}
      : { table_checks: tableChecksTree(contract.tableChecks) }),
  };
  const document = new Document(tree, { version: "1.1", customTags: [floatTag] });
  for (const [i, { name }] of contract.columns.entries()) {
    const comment = options.comments?.get(name);
    const columns = document.get("columns");
    if (comment === undefined || !isCollection(columns)) continue;
    const node = columns.get(isSeq(columns) ? i : name, true);
    if (isMap(node)) node.commentBefore = ` ${comment}`;
  }
  const text = document.toString({ lineWidth: 100, directives: false });
  return options.header === undefined ? text : `${options.header}\n${text}`;
}

/** An object puts names such as `1` first, so that a contract with one has its columns in a list. */
function columnsTree({ columns }: Contract, full: boolean): unknown {
  const trees = columns.map((each) => [each.name, columnTree(each, full)] as const);
  return columns.some(({ name }) => /^(?:0|[1-9]\d*)$/.test(name))
    ? trees.map(([name, tree]) => ({ name, ...tree }))
    : Object.fromEntries(trees);
}

function keep(entries: readonly (readonly [string, unknown, unknown])[], full: boolean): Tree {
  return Object.fromEntries(
    entries
      .filter(([, value, normal]) => full || value !== normal)
      .map(([key, value]) => [key, value]),
  );
}

function columnTree(column: ColumnContract, full: boolean): Tree {
  return fieldTree(column, full, [
    ["required", column.required, true],
    ["regex", column.regex, false],
  ]);
}

function indexTree(level: FieldContract, full: boolean): Tree {
  return { ...keep([["name", level.name, null]], full), ...fieldTree(level, full, []) };
}

function fieldTree(
  field: FieldContract,
  full: boolean,
  more: readonly (readonly [string, unknown, unknown])[],
): Tree {
  return {
    ...keep(
      [
        ["title", field.title, null],
        ["description", field.description, null],
        ["dtype", field.dtype, null],
        ["nullable", field.nullable, false],
        ["unique", field.unique, false],
        ["coerce", field.coerce, false],
        ...more,
        ["default", toYamlValue(field.default), null],
        ["report_duplicates", field.reportDuplicates, "all"],
        ["drop_invalid_rows", field.dropInvalidRows, false],
      ],
      full,
    ),
    ...keep([["sensitivity", field.sensitivity, null]], false),
    ...checksTree(field.checks),
  };
}

function checksTree(checks: readonly Check[]): Tree {
  const names = new Set(checks.map((check) => check.name));
  const isOurs = checks.some(
    ({ options }) => options.mostly !== null || options.severity !== "error",
  );
  if (names.size < checks.length || isOurs) return { checks: checks.map(listedCheck) };
  return Object.fromEntries(checks.map((check) => [check.name, flatCheck(check)]));
}

function listedCheck(check: Check): Tree {
  return {
    ...statisticsTree(check),
    options: { check_name: check.name, ...optionsTree(check) },
  };
}

function flatCheck(check: Check): unknown {
  const statistics = statisticsTree(check);
  const options = optionsTree(check);
  const values = Object.values(statistics);
  const isSole = values.length === 1 && Object.keys(options).length === 0;
  // a lone bound of a length must keep its name: alone, a value is the exact length
  const isNamed = check.name === "str_length" && !("exact_value" in statistics);
  return isSole && !isNamed ? values[0] : { ...statistics, ...options };
}

function optionsTree(check: Check): Tree {
  const { nFailureCases } = check.options;
  const tree = toYamlValue(optionsJson(check.options)) as Tree;
  return nFailureCases === null ? tree : { ...tree, n_failure_cases: nFailureCases };
}

function statisticsTree(check: Check): Tree {
  const set = Object.entries(check.statistics).filter(([, value]) => value !== null);
  return toYamlValue(Object.fromEntries(set)) as Tree;
}

function tableChecksTree({ unique_share, ...checks }: TableChecks): Tree {
  if (unique_share === undefined) return checks;
  return {
    ...checks,
    unique_share: unique_share.map(({ min, ...share }) => ({ ...share, min: new Float(min) })),
  };
}

function toYamlValue(value: unknown): unknown {
  if (typeof value === "number") return new Float(value);
  if (Array.isArray(value)) return value.map(toYamlValue);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, toYamlValue(item)]));
}

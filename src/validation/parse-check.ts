import { nearestName } from "../core/nearest.ts";
import { show } from "../core/parse.ts";
import {
  type ArgumentKind,
  CHECK_ARGUMENTS,
  CHECK_SPELLINGS,
  type CheckName,
  checkId,
  soleArgument,
  toCheckName,
} from "./check-catalog.ts";
import { type Check, type ContractValue, DEFAULT_OPTIONS } from "./contract.ts";
import { contractError, type PathStep } from "./contract-error.ts";
import { CHECK_OPTION_KEYS, parseCheckOptions } from "./parse-check-options.ts";
import { parsePythonRegex } from "./python-regex.ts";
import { pythonStr } from "./python-text.ts";

type Tree = Readonly<Record<string, unknown>>;
type Statistics = Record<string, ContractValue | readonly ContractValue[]>;

/** Reads `checks:` in its list form or in the older map form. */
export function parseChecks(
  input: unknown,
  file: string,
  path: readonly PathStep[],
): readonly Check[] {
  if (input === undefined || input === null) return [];
  if (Array.isArray(input)) {
    return input.map((entry, i) => parseListedCheck(entry, file, [...path, i]));
  }
  if (isTree(input)) {
    return Object.entries(input).map(([name, value]) =>
      parseCheck(name, value, file, [...path, name]),
    );
  }
  throw contractError(file, path, `expected a list of checks, got ${show(input)}`);
}

function parseListedCheck(entry: unknown, file: string, path: readonly PathStep[]): Check {
  const options = isTree(entry) ? entry["options"] : undefined;
  const name = isTree(options) ? options["check_name"] : undefined;
  if (!isTree(entry) || !isTree(options) || typeof name !== "string") {
    throw contractError(
      file,
      path,
      `expected a check with options.check_name, got ${show(entry)}`,
      "write a check of a list as {min_value: 0, options: {check_name: greater_than}}",
    );
  }
  const { check_name: _, ...rest } = options;
  return parseCheck(name, { ...entry, options: rest }, file, path);
}

/** Reads one check by its name and what stands behind it: a value, or its arguments and options. */
export function parseCheck(
  spelling: string,
  input: unknown,
  file: string,
  path: readonly PathStep[],
): Check {
  const name = toCheckName(spelling);
  if (name === undefined) {
    const near = nearestName(spelling, CHECK_SPELLINGS);
    throw contractError(
      file,
      path,
      `expected a known check, got "${spelling}"${near === undefined ? "" : `; did you mean "${near}"?`}`,
      near === undefined ? undefined : `write "${near}" instead of "${spelling}"`,
    );
  }
  if (!isTree(input)) {
    const sole = soleArgument(name);
    if (sole === undefined || input === null || input === undefined) {
      throw contractError(file, path, `expected ${argumentList(name)}, got ${show(input)}`);
    }
    return finish(name, { [sole]: input }, DEFAULT_OPTIONS, file, path);
  }
  const { options: nested, ...beside } = input;
  const given = Object.entries(beside);
  const isOption = ([key]: [string, unknown]) => CHECK_OPTION_KEYS.includes(key);
  const options = {
    ...(isTree(nested) ? nested : {}),
    ...Object.fromEntries(given.filter(isOption)),
  };
  if (nested !== undefined && nested !== null && !isTree(nested)) {
    throw contractError(file, [...path, "options"], `expected options, got ${show(nested)}`);
  }
  const parsed = parseCheckOptions(options, file, path);
  const args = Object.fromEntries(given.filter((entry) => !isOption(entry)));
  return finish(name, named(name, args, file, path), parsed, file, path);
}

/** `{value: …}` alone names the sole argument; any other unknown argument is refused. */
function named(name: CheckName, args: Tree, file: string, path: readonly PathStep[]): Tree {
  const known = Object.keys(CHECK_ARGUMENTS[name]);
  const keys = Object.keys(args);
  const sole = soleArgument(name);
  if (keys.length === 1 && keys[0] === "value" && sole !== undefined)
    return { [sole]: args["value"] };
  const unknown = keys.find((key) => !known.includes(key));
  if (unknown === undefined) return args;
  const near = nearestName(unknown, [...known, ...CHECK_OPTION_KEYS]);
  throw contractError(
    file,
    [...path, unknown],
    `expected ${argumentList(name)}, got "${unknown}"${near === undefined ? "" : `; did you mean "${near}"?`}`,
  );
}

function finish(
  name: CheckName,
  args: Tree,
  options: Check["options"],
  file: string,
  path: readonly PathStep[],
): Check {
  const statistics: Statistics = {};
  for (const [key, argument] of Object.entries(CHECK_ARGUMENTS[name])) {
    const value = args[key] ?? argument.default;
    if (value === undefined || value === null) {
      if (argument.required) {
        throw contractError(file, path, `expected ${argumentList(name)}, got no ${key}`);
      }
      statistics[key] = null;
    } else statistics[key] = parseArgument(value, argument.kind, name, file, [...path, key]);
  }
  if (options.elementWise && name === "unique_values_eq") {
    throw contractError(
      file,
      [...path, "element_wise"],
      "expected a check of single values, got unique_values_eq, which is of the whole column",
    );
  }
  const check = { name, statistics: trim(name, statistics), options };
  refuseEmpty(check, file, path);
  return options.error === null || options.error !== checkId({ ...check, options: DEFAULT_OPTIONS })
    ? check
    : { ...check, options: { ...options, error: null } };
}

/** Pandera keeps an exact length alone, without the bounds that it excludes. */
function trim(name: CheckName, statistics: Statistics): Statistics {
  const { exact_value, min_value, max_value } = statistics;
  if (name !== "str_length" || exact_value == null) return statistics;
  return min_value == null && max_value == null ? { exact_value } : statistics;
}

function parseArgument(
  value: unknown,
  kind: ArgumentKind,
  name: CheckName,
  file: string,
  path: readonly PathStep[],
): ContractValue | readonly ContractValue[] {
  const refuse = (wanted: string) =>
    contractError(file, path, `expected ${wanted}, got ${show(value)}`);
  switch (kind) {
    case "scalar":
      if (!isScalar(value)) throw refuse("one value");
      return value;
    case "list":
      if (!Array.isArray(value) || !value.every((item) => item === null || isScalar(item))) {
        throw refuse("a list of values");
      }
      return value as ContractValue[];
    case "count":
      if (typeof value !== "bigint" || value < 0n) throw refuse("a length (0 or more)");
      return value;
    case "flag":
      if (typeof value !== "boolean") throw refuse("true or false");
      return value;
    case "text":
      if (typeof value !== "string") throw refuse("text");
      return value;
    case "pattern":
      if (typeof value !== "string") throw refuse("a regular expression");
      checkPattern(value, name === "str_matches", file, path);
      return value;
  }
}

/** Refuses a pattern that Python's `re` would not compile, or that neither engine here can run. */
export function checkPattern(
  pattern: string,
  anchored: boolean,
  file: string,
  path: readonly PathStep[],
): void {
  try {
    parsePythonRegex(pattern, anchored);
  } catch (error) {
    const reason = (error as Error).message;
    throw contractError(
      file,
      path,
      `expected a regular expression, got ${show(pattern)}: ${reason}`,
    );
  }
}

function refuseEmpty({ name, statistics }: Check, file: string, path: readonly PathStep[]): void {
  const { min_value: min, max_value: max, exact_value: exact } = statistics;
  if (name === "str_length") {
    if (exact != null && (min != null || max != null)) {
      throw contractError(file, path, "expected exact_value or bounds, got both");
    }
    if (exact == null && min == null && max == null) {
      throw contractError(file, path, "expected min_value, max_value or exact_value, got none");
    }
  } else if (name !== "in_range") return;
  if (min == null || max == null || Array.isArray(min) || Array.isArray(max)) return;
  const low = min as ContractValue;
  const high = max as ContractValue;
  if ((typeof low === "string") !== (typeof high === "string")) {
    throw contractError(
      file,
      path,
      `expected bounds that can be compared, got ${show(low)} and ${show(high)}`,
    );
  }
  const isOpen = statistics["include_min"] === false || statistics["include_max"] === false;
  if (high! < low! || (isOpen && !(high! > low!))) {
    throw contractError(
      file,
      path,
      `expected min_value below max_value, got an empty interval from ${pythonStr(low)} to ${pythonStr(high)}`,
    );
  }
}

function argumentList(name: CheckName): string {
  return `${name} with ${Object.keys(CHECK_ARGUMENTS[name]).join(", ")}`;
}

function isScalar(value: unknown): value is Exclude<ContractValue, null> {
  return ["string", "number", "bigint", "boolean"].includes(typeof value);
}

export function isTree(value: unknown): value is Tree {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

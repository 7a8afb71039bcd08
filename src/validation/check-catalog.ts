import type { Check, ContractValue } from "./contract.ts";
import { datetimeIndexText, isDatetimeList, timedeltaIndexText } from "./datetime-list.ts";
import type { Dtype } from "./dtype.ts";
import { areDurations, durationNs, durationText } from "./duration.ts";
import { pythonRepr, pythonStr } from "./python-text.ts";

/** How the value of an argument is read. */
export type ArgumentKind = "scalar" | "list" | "text" | "pattern" | "count" | "flag";
type Argument = Readonly<{ kind: ArgumentKind; required: boolean; default?: ContractValue }>;

const scalar: Argument = { kind: "scalar", required: true };
const list: Argument = { kind: "list", required: true };
const text: Argument = { kind: "text", required: true };
const pattern: Argument = { kind: "pattern", required: true };
const count: Argument = { kind: "count", required: false };
const flag: Argument = { kind: "flag", required: false, default: true };

/** Pandera's built-in checks with the names of their arguments, in the order of its signatures. */
const CHECKS = {
  equal_to: { value: scalar },
  not_equal_to: { value: scalar },
  greater_than: { min_value: scalar },
  greater_than_or_equal_to: { min_value: scalar },
  less_than: { max_value: scalar },
  less_than_or_equal_to: { max_value: scalar },
  in_range: { min_value: scalar, max_value: scalar, include_min: flag, include_max: flag },
  isin: { allowed_values: list },
  notin: { forbidden_values: list },
  str_matches: { pattern },
  str_contains: { pattern },
  str_startswith: { string: text },
  str_endswith: { string: text },
  str_length: { min_value: count, max_value: count, exact_value: count },
  unique_values_eq: { values: list },
} as const;

export type CheckName = keyof typeof CHECKS;

export const CHECK_ARGUMENTS: Readonly<Record<CheckName, Readonly<Record<string, Argument>>>> =
  CHECKS;

export const CHECK_ALIASES: Readonly<Record<string, CheckName>> = {
  eq: "equal_to",
  ne: "not_equal_to",
  gt: "greater_than",
  ge: "greater_than_or_equal_to",
  lt: "less_than",
  le: "less_than_or_equal_to",
  between: "in_range",
};

/** Every spelling that a contract may use for a check. */
export const CHECK_SPELLINGS: readonly string[] = [
  ...Object.keys(CHECKS),
  ...Object.keys(CHECK_ALIASES),
];

export function toCheckName(spelling: string): CheckName | undefined {
  if (Object.hasOwn(CHECKS, spelling)) return spelling as CheckName;
  return Object.hasOwn(CHECK_ALIASES, spelling) ? CHECK_ALIASES[spelling] : undefined;
}

/** The argument that `check: value` gives; str_length's is the exact length. */
export function soleArgument(name: CheckName): string | undefined {
  if (name === "str_length") return "exact_value";
  if (name === "in_range") return undefined;
  return Object.keys(CHECKS[name])[0]!;
}

/**
 * What Pandera calls the check in a report: its own error text, else its id, in which the dtype that
 * the contract declares tells datetimes from text. Never `name`.
 */
export function checkId(check: Check, declared?: Dtype): string {
  return check.options.error ?? defaultId(check, declared);
}

/** Pandera's id of a check: `in_range(0, 120)`, `isin(['a', 'b'])`, `str_matches('^a')`. */
function defaultId({ name, statistics }: Check, declared: Dtype | undefined): string {
  switch (name) {
    case "in_range":
      return `in_range(${shown(statistics["min_value"]!, declared)}, ${shown(statistics["max_value"]!, declared)})`;
    case "str_length":
      return statistics["exact_value"] == null
        ? `str_length(${pythonRepr(statistics["min_value"]!)}, ${pythonRepr(statistics["max_value"]!)})`
        : `str_length(${pythonRepr(statistics["exact_value"])})`;
    case "str_matches":
    case "str_contains":
    case "str_startswith":
    case "str_endswith":
      return `${name}('${pythonStr(Object.values(statistics)[0]!)}')`;
    default: {
      const [value] = Object.values(statistics);
      if (Array.isArray(value) && isDatetimeList(value, declared)) {
        return `${name}(${datetimeIndexText(value)})`;
      }
      return `${name}(${shown(value!, declared)})`;
    }
  }
}

type Statistic = Check["statistics"][string];

/** A value as Python prints it; beside a timedelta dtype numbers are durations. */
function shown(value: Statistic, declared: Dtype | undefined): string {
  const values = Array.isArray(value) ? value : [value as ContractValue];
  if (!areDurations(values, declared)) return pythonStr(value);
  const ns = values.map((each) => durationNs(each)!);
  return Array.isArray(value) ? timedeltaIndexText(ns) : durationText(ns[0]!);
}

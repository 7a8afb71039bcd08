import type { Random } from "../../../src/core/random.ts";
import { chance, pick } from "./random-choice.ts";
import type { Kind } from "./random-table.ts";
import { Raw, type Tree } from "./yaml-flow.ts";

/** What a check of a column may compare with. */
const VALUES: Readonly<Record<Kind, readonly unknown[]>> = {
  int: [0, 1, 2, 3, -3, 5, new Raw("1.0"), new Raw("2.5")],
  float: [
    0,
    1,
    new Raw("0.5"),
    new Raw("2.0"),
    new Raw("-2.25"),
    new Raw("1.0e+10"),
    new Raw(".inf"),
  ],
  text: ["a", "ab", "B", "é", "2.5", "it's"],
  bool: [true, false, 1, 0],
  datetime: ["2020-01-01 00:00:00", "2020-01-02 00:00:00", "2020-01-04 12:00:00"],
};
const KINDS = Object.keys(VALUES) as Kind[];
const PATTERNS = [
  "a",
  "a|b",
  "^[a-z]+$",
  "\\d",
  ".b",
  "(?i)A",
  "b$",
  "\\w+\\s\\w",
  "(?=a)",
  "[^\\d]",
  "it's",
  "é",
];
const COMPARISONS = [
  "equal_to",
  "not_equal_to",
  "greater_than",
  "greater_than_or_equal_to",
  "less_than",
  "less_than_or_equal_to",
];
const ALIASES = ["eq", "ne", "gt", "ge", "lt", "le"];
const ARGUMENTS = ["value", "value", "min_value", "min_value", "max_value", "max_value"];

type Parts = Readonly<{ name: string; args: Tree; sole: boolean }>;

/** Flat checks, or the list form, or the older map form. */
export function randomChecks(random: Random, kind: Kind): Tree {
  const count = pick(random, [0, 1, 1, 1, 1, 2]);
  const checks = Array.from({ length: count }, () => randomCheck(random, kind));
  if (chance(random, 0.2)) return { checks: checks.map((check) => listed(random, check)) };
  if (chance(random, 0.1)) {
    return {
      checks: Object.fromEntries(
        checks.map(({ name, args }) => [name, { ...args, options: options(random) }]),
      ),
    };
  }
  return Object.fromEntries(checks.map((check) => [check.name, flat(random, check)]));
}

export function randomFrameChecks(random: Random): readonly Tree[] {
  return Array.from({ length: 1 + random.integer(2) }, () =>
    listed(random, randomCheck(random, pick(random, KINDS)), { isFrame: true }),
  );
}

function flat(random: Random, { args, sole }: Parts): unknown {
  const more = options(random);
  const [only] = Object.values(args);
  return sole && Object.keys(more).length === 0 && chance(random, 0.6)
    ? only
    : { ...args, ...more };
}

function listed(random: Random, { name, args }: Parts, { isFrame = false } = {}): Tree {
  const { n_failure_cases, ...rest } = options(random);
  // of a frame, Pandera lists the first distinct ones
  const limit = n_failure_cases === undefined || isFrame ? {} : { n_failure_cases };
  return { ...args, options: { check_name: name, ...rest, ...limit } };
}

function options(random: Random): Record<string, unknown> {
  return {
    ...(chance(random, 0.2) ? { ignore_na: false } : {}),
    ...(chance(random, 0.08) ? { raise_warning: true } : {}),
    ...(chance(random, 0.08) ? { n_failure_cases: 1 + random.integer(2) } : {}),
    ...(chance(random, 0.06) ? { error: "not as it should be" } : {}),
    ...(chance(random, 0.04) ? { name: "mine" } : {}),
  };
}

function randomCheck(random: Random, of: Kind): Parts {
  const kind = chance(random, 0.06) ? pick(random, KINDS) : of;
  const value = () => pick(random, VALUES[kind]);
  const list = () => VALUES[kind].filter(() => chance(random, 0.5));
  const isText = kind === "text" ? chance(random, 0.6) : chance(random, 0.05);
  if (isText) return textCheck(random);
  const which = random.uniform();
  if (which < 0.45) {
    const i = random.integer(COMPARISONS.length);
    const name = chance(random, 0.4) ? ALIASES[i]! : COMPARISONS[i]!;
    const argument = chance(random, 0.3) ? "value" : ARGUMENTS[i]!;
    return { name, args: { [argument]: value() }, sole: true };
  }
  if (which < 0.65) return range(random, kind);
  if (which < 0.9) {
    const [name, argument] = pick(random, [
      ["isin", "allowed_values"],
      ["notin", "forbidden_values"],
    ] as const);
    return { name, args: { [chance(random, 0.5) ? "value" : argument]: list() }, sole: true };
  }
  return { name: "unique_values_eq", args: { values: list() }, sole: true };
}

function range(random: Random, kind: Kind): Parts {
  const values = VALUES[kind];
  const order = (value: unknown) =>
    value instanceof Raw ? Number(value.text.replace(".inf", "Infinity")) : value;
  let [low, high] = [pick(random, values), pick(random, values)];
  if ((order(low) as number) > (order(high) as number)) [low, high] = [high, low];
  const args = {
    min_value: low,
    max_value: high,
    ...(chance(random, 0.3) ? { include_min: chance(random, 0.5) } : {}),
    ...(chance(random, 0.3) ? { include_max: chance(random, 0.5) } : {}),
  };
  return { name: chance(random, 0.3) ? "between" : "in_range", args, sole: false };
}

function textCheck(random: Random): Parts {
  const name = pick(random, [
    "str_matches",
    "str_contains",
    "str_startswith",
    "str_endswith",
    "str_length",
  ] as const);
  if (name === "str_length") {
    const which = random.integer(3);
    if (which === 0) return { name, args: { exact_value: 1 + random.integer(3) }, sole: true };
    const min = random.integer(3);
    return which === 1
      ? { name, args: { min_value: min }, sole: false }
      : { name, args: { min_value: min, max_value: min + random.integer(3) }, sole: false };
  }
  if (name === "str_matches" || name === "str_contains") {
    return { name, args: { pattern: pick(random, PATTERNS) }, sole: true };
  }
  return { name, args: { string: pick(random, ["a", "b", "é", "1", "it's"]) }, sole: true };
}

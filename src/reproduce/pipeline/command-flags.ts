import { DuetMindError } from "../../core/errors.ts";
import { configText, type DvcConfig } from "../files/dvc-config.ts";
import { pythonStr } from "../values/python-text.ts";
import { isValueList, isValueMap, type Value, type ValueMap } from "../values/value.ts";

/** How a mapping in a command becomes flags: `parsing.bool` and `parsing.list` of DVC's configuration. */
export type FlagStyle = Readonly<{
  bool: "store_true" | "boolean_optional";
  list: "nargs" | "append";
}>;

/** The style that a configuration asks for. */
export function flagStyle(config: DvcConfig): FlagStyle {
  return {
    bool: choice(config, "bool", ["store_true", "boolean_optional"]),
    list: choice(config, "list", ["nargs", "append"]),
  };
}

function choice<T extends string>(
  config: DvcConfig,
  key: string,
  choices: readonly [T, ...T[]],
): T {
  const given = configText(config, "parsing", key)?.toLowerCase() ?? choices[0];
  const known = choices.find((name) => name === given);
  if (known !== undefined) return known;
  throw new DuetMindError(
    "CONFIG_INVALID",
    `.dvc/config: parsing.${key}: expected ${choices.join(" or ")}, got "${given}"`,
    { path: `parsing.${key}` },
  );
}

/** `{lr: 0.1, net: {layers: [1, 2]}, debug: true}` → `--lr 0.1 --net.layers 1 2 --debug`. */
export function commandFlags(
  values: ValueMap,
  style: FlagStyle,
  refuse: (key: string) => Error,
): string {
  const flags = flatten(values, "").flatMap(([key, value]) => flagsOf(key, value, style, refuse));
  return flags.join(" ").trimEnd();
}

function flatten(values: ValueMap, prefix: string): [string, Value][] {
  return [...values].flatMap(([key, value]): [string, Value][] => {
    const name = `${prefix}${key}`;
    return isValueMap(value) ? flatten(value, `${name}.`) : [[name, value]];
  });
}

function flagsOf(
  key: string,
  value: Value,
  style: FlagStyle,
  refuse: (key: string) => Error,
): string[] {
  if (value === true) return [`--${key}`];
  if (value === false) return style.bool === "boolean_optional" ? [`--no-${key}`] : [];
  if (!isValueList(value)) return [`--${key} ${argument(value)}`];
  const items = value.map((item) => {
    if (isValueList(item) || isValueMap(item)) throw refuse(key);
    return argument(item);
  });
  if (style.list === "append") return items.map((item) => `--${key} ${item}`);
  return items.length === 0 ? [] : [`--${key} ${items.join(" ")}`];
}

function argument(value: Value): string {
  return typeof value === "string" ? shellQuote(value) : pythonStr(value);
}

/** Python's `shlex.quote`. */
function shellQuote(text: string): string {
  if (text === "") return "''";
  return /[^\w@%+=:,./-]/.test(text) ? `'${text.replaceAll("'", `'"'"'`)}'` : text;
}

import type { ContractValue } from "./contract.ts";
import type { Dtype } from "./dtype.ts";
import { durationText } from "./duration.ts";

/** Pandas' display.width and display.max_seq_items. */
const WIDTH = 80;
const SHOWN = 100;
const ENDS = 10;

const EXACT = /^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}(?:\.\d{6})?$/;

/**
 * Whether a list of a check is one of datetimes: Pandera reads it so only beside a datetime dtype, and
 * only where every value is written `2026-01-31 10:00:00`, or stands without quotes: a fraction is then
 * one of six digits here (contract-text.ts), and quotes around that make no difference. Any other list
 * is one of texts, which no datetime is in.
 */
export function isDatetimeList(
  values: readonly ContractValue[],
  declared: Dtype | undefined,
): boolean {
  if (declared?.kind !== "datetime" || declared.zone !== null) return false;
  return values.every((value) => typeof value === "string" && EXACT.test(value));
}

/** What Pandera's id of such a check holds: pandas' text of a DatetimeIndex, lines and all. */
export function datetimeIndexText(values: readonly string[]): string {
  const isDaily = values.every((value) => value.endsWith(" 00:00:00"));
  const items = values.map((value) => `'${isDaily ? value.slice(0, 10) : value}'`);
  return indexText("DatetimeIndex", items, `datetime64[${items.length === 0 ? "s" : "us"}]`);
}

/** The same of durations, a TimedeltaIndex; whole days alone are written without a time. */
export function timedeltaIndexText(values: readonly bigint[]): string {
  const texts = values.map(durationText);
  const isDaily = texts.every(
    (text) => text.endsWith(" days 00:00:00") || text.endsWith(" days +00:00:00"),
  );
  const items = texts.map((text) => `'${isDaily ? text.replace(/ \+?00:00:00$/, "") : text}'`);
  return indexText("TimedeltaIndex", items, `timedelta64[${items.length === 0 ? "s" : "ns"}]`);
}

function indexText(name: string, items: readonly string[], dtype: string): string {
  const indent = " ".repeat(name.length + 1);
  const attributes = [
    `dtype='${dtype}'`,
    ...(items.length > SHOWN ? [`length=${items.length}`] : []),
    "freq=None",
  ];
  let text = `${name}(${summary(items, indent)}`;
  let column = text.length - (text.lastIndexOf("\n") + 1);
  for (const [i, attribute] of attributes.entries()) {
    const comma = i < attributes.length - 1 ? 1 : 0;
    const separator = i === 0 ? "" : ", ";
    if (column + separator.length + attribute.length + comma <= WIDTH) {
      text += separator + attribute;
      column += separator.length + attribute.length;
    } else {
      text = `${(text + separator).trimEnd()}\n${indent}${attribute}`;
      column = indent.length + attribute.length;
    }
  }
  return `${text})`;
}

function summary(items: readonly string[], indent: string): string {
  if (items.length < 2) return `[${items.join("")}], `;
  const isCut = items.length > SHOWN;
  const prefix = `\n${indent} `;
  let text = "";
  let line = prefix;
  const extend = (word: string, width: number) => {
    if (line.trimEnd().length + word.trimEnd().length >= width) {
      text += line.trimEnd();
      line = prefix;
    }
    line += word;
  };
  if (isCut) {
    for (const item of items.slice(0, ENDS)) extend(`${item}, `, WIDTH);
    text += `${line.trimEnd()}${prefix}...`;
    line = prefix;
  }
  const tail = isCut ? items.slice(-ENDS) : items;
  for (const item of tail.slice(0, -1)) extend(`${item}, `, WIDTH);
  extend(tail.at(-1)!, WIDTH - 2);
  text += `${line}],`;
  return `[${text.slice(prefix.length)}${text.length > WIDTH ? `\n${indent}` : " "}`;
}

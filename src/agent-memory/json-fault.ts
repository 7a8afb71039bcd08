import { uncleanPart } from "./clean-text.ts";

const MOST_LEVELS = 32;

/** What keeps a value from being stored as JSON and coming back the same; undefined when nothing does. */
export function jsonFault(value: unknown, levels = MOST_LEVELS): string | undefined {
  if (value === null || typeof value === "boolean") return undefined;
  if (typeof value === "number") return numberFault(value);
  if (typeof value === "string") {
    const part = uncleanPart(value);
    return part === undefined ? undefined : `a text with ${part}`;
  }
  if (typeof value !== "object") return typeof value;
  if (levels === 0) return `more than ${MOST_LEVELS} levels`;
  if (Array.isArray(value)) return firstFault(value, levels);
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) {
    return `a ${(value as object).constructor.name}`;
  }
  return firstFault(Object.keys(value), levels) ?? firstFault(known(value), levels);
}

/** Beyond 2^53 a number may stand for another that was written: an identifier would change unseen. */
function numberFault(value: number): string | undefined {
  if (Number.isInteger(value) && !Number.isSafeInteger(value)) {
    return `the integer ${value}, whose digits may be lost: write it as a text`;
  }
  return Number.isFinite(value) ? undefined : `the number ${value}`;
}

function firstFault(values: readonly unknown[], levels: number): string | undefined {
  for (const each of values) {
    const fault = jsonFault(each, levels - 1);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

/** A key whose value is undefined is left out, as JSON does. */
function known(value: object): unknown[] {
  return Object.values(value).filter((each) => each !== undefined);
}

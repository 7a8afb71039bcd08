import { InvalidArgumentError } from "commander";
import { writtenTime } from "../agent-memory/memory-line.ts";
import { suspicionsOf } from "../agent-memory/privacy/suspicions.ts";
import { DuetMindError } from "../core/errors.ts";

/** Values of the options of `duetmind memory`. */
export function parseNumber(text: string): number {
  const number = Number(text);
  if (text.trim() !== "" && Number.isFinite(number)) return number;
  throw new InvalidArgumentError("expected a number");
}

export function parseCount(text: string): number {
  if (/^[1-9]\d{0,6}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("expected a whole number, 1 or more");
}

export function parseTime(text: string): Date {
  const time = writtenTime.safeParse(text);
  if (time.success) return time.data;
  throw new InvalidArgumentError("expected a time such as 2026-02-03T10:00:00Z or 2026-02-03");
}

/** A text of the command line, where the system has put U+FFFD in the place of bytes that are no UTF-8. */
export function parseText(text: string): string {
  if (!text.includes("\uFFFD")) return text;
  throw new InvalidArgumentError(
    "expected UTF-8, got U+FFFD, which stands for other bytes; `memory import` takes the character itself",
  );
}

export function parseObject(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) {
      return value as Readonly<Record<string, unknown>>;
    }
  } catch {
    // said below
  }
  throw new InvalidArgumentError('expected a JSON object such as {"ref": "a7"}');
}

export function parseList(text: string): string[] {
  return text.split(",").flatMap((part) => (part.trim() === "" ? [] : [part.trim()]));
}

const UNITS_MS = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1_000 } as const;

/** Such as 30d or 12h, from now. */
export function parseTtl(text: string, now: Date): Date {
  const match = /^([1-9]\d{0,8})([dhms])$/.exec(text);
  if (match !== null) {
    const unit = match[2] as keyof typeof UNITS_MS;
    return new Date(now.getTime() + Number(match[1]) * UNITS_MS[unit]);
  }
  throw new DuetMindError("USAGE", `--ttl: expected a time such as 30d or 12h, got "${text}"`);
}

/** What a memory says in one line of a table; one that speaks to its reader is marked. */
export function contentLine(content: string): string {
  const suspicions = suspicionsOf(content);
  return `${suspicions.length === 0 ? "" : `[${suspicions.join(", ")}] `}${oneLine(content)}`;
}

/** A text in one line of a table. */
export function oneLine(text: string, most = 80): string {
  const line = text.replace(/\s+/g, " ").trim();
  return line.length <= most ? line : `${[...line].slice(0, most - 1).join("")}…`;
}

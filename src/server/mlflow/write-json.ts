/**
 * A reply as JSON text. Fields that are undefined are left out, as in proto JSON; a bigint is written
 * with all its digits. NaN and infinities must be texts already: see `toWireDouble`.
 */
export function writeWireJson(value: unknown): string {
  if (value instanceof WireText) return value.text;
  try {
    return JSON.stringify(value);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return writeWithDigits(value);
  }
}

/** A reply that is JSON already, such as a page of runs. */
export class WireText {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

function writeWithDigits(value: unknown): string {
  if (typeof value === "bigint") return value.toString();
  if (Array.isArray(value)) return `[${value.map(writeWithDigits).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  const fields = Object.entries(value).filter(([, each]) => each !== undefined);
  return `{${fields.map(([key, each]) => `${JSON.stringify(key)}:${writeWithDigits(each)}`).join(",")}}`;
}

/** JSON has no NaN and no infinities: proto JSON writes them as texts. */
export function toWireDouble(value: number): number | string {
  return Number.isFinite(value) ? value : String(value);
}

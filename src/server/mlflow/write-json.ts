/**
 * A reply as JSON text. Fields that are undefined are left out, as in proto JSON; a bigint is written
 * with all its digits. NaN and infinities must be texts already: see `toWireDouble`.
 */
export function writeWireJson(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return writeWithDigits(value);
  }
}

/** A reply that is JSON already, in pieces, such as the runs of a page. */
export class WireText {
  readonly pieces: readonly string[];

  constructor(pieces: readonly string[]) {
    this.pieces = pieces;
  }
}

/**
 * The bytes of a reply. Pieces are put in their place one by one: a page of them joined is a text so
 * long that V8 gives it memory of its own, and takes that back, each time.
 */
export function toWireBytes(reply: unknown): Buffer {
  if (!(reply instanceof WireText)) return Buffer.from(writeWireJson(reply));
  const { pieces } = reply;
  const bytes = Buffer.allocUnsafe(
    pieces.reduce((sum, piece) => sum + Buffer.byteLength(piece), 0),
  );
  let end = 0;
  for (const piece of pieces) end += bytes.write(piece, end);
  return bytes;
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

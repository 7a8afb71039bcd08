import pg from "pg";

const INT8 = 20;

/**
 * How columns arrive: as `pg` reads them, but bigint as a number. One that a number cannot hold
 * exactly is an error, never a rounded value.
 */
export const columnTypes: pg.CustomTypesConfig = {
  getTypeParser(oid, format) {
    if (oid === INT8 && format !== "binary") return parseInt8;
    return pg.types.getTypeParser(oid, format ?? "text");
  },
};

function parseInt8(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) {
    throw new RangeError(`bigint: expected an integer within ±2^53, got ${text}`);
  }
  return value;
}

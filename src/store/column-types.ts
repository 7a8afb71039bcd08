import pg from "pg";

const INT8 = 20;
const TIMESTAMPTZ = 1184;
/** As a server at UTC prints the years 1000 to 9999: V8 reads these to the millisecond. */
const UTC_TIME = /^[1-9]\d{3}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d{1,6})?\+00$/;

/**
 * How columns arrive: as `pg` reads them, but bigint as a number. One that a number cannot hold
 * exactly is an error, never a rounded value.
 */
export const columnTypes: pg.CustomTypesConfig = {
  getTypeParser(oid, format) {
    if (oid === INT8 && format !== "binary") return parseInt8;
    const parse = pg.types.getTypeParser(oid, format ?? "text");
    if (oid !== TIMESTAMPTZ || format === "binary") return parse;
    // the expressions that `pg` reads a time with take as long as the rest of a small row
    return (text: string) => (UTC_TIME.test(text) ? new Date(text) : parse(text));
  },
};

function parseInt8(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) {
    throw new RangeError(`bigint: expected an integer within ±2^53, got ${text}`);
  }
  return value;
}

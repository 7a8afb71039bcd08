/**
 * JSON with integers of 64 bits, which JSON.parse rounds and JSON.stringify refuses.
 *
 * Both ways such an integer is a text of digits: proto JSON takes numeric texts for numbers, and the
 * readers in fields.ts take them back by the type of the field. So `{"step":9007199254740993}` is read
 * as `{"step":"9007199254740993"}`, and then as the bigint 9007199254740993n.
 */
export function decodeJson(text: string): unknown {
  if (!LONG_DIGITS.test(text)) return JSON.parse(text);
  return JSON.parse(
    text.replace(TOKENS, (token) => {
      if (token.startsWith('"') || /[.eE]/.test(token)) return token;
      return Number.isSafeInteger(Number(token)) ? token : `"${token}"`;
    }),
  );
}

const LONG_DIGITS = /\d{16}/;
/** A whole string, so that digits in it are left alone, or a number. */
const TOKENS = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/** NaN, infinities and bigints as the texts that proto JSON has for them; undefined is left out. */
export function encodeJson(value: unknown): string {
  return JSON.stringify(value, (_, each: unknown) => {
    if (typeof each === "bigint") return each.toString();
    return typeof each === "number" && !Number.isFinite(each) ? String(each) : each;
  });
}

import type { ByteRange } from "../artifacts/object-store.ts";

/**
 * The part that a Range header asks for: undefined for the whole, which is also the answer to a header
 * of another unit, of several ranges, or that is none (RFC 9110, 14.2); `"unsatisfiable"` where the
 * file has no such byte.
 *
 *     parseRange("bytes=-2", 10) // { start: 8, end: 9 }
 */
export function parseRange(
  header: string | undefined,
  sizeBytes: number,
): ByteRange | "unsatisfiable" | undefined {
  const [, first, last] = /^bytes=\s*(\d*)-(\d*)\s*$/i.exec(header ?? "") ?? [];
  if (first === undefined || last === undefined || first + last === "") return undefined;
  if (first === "") {
    const length = Math.min(Number(last), sizeBytes);
    return length === 0 ? "unsatisfiable" : { start: sizeBytes - length, end: sizeBytes - 1 };
  }
  const start = Number(first);
  const end = last === "" ? sizeBytes - 1 : Math.min(Number(last), sizeBytes - 1);
  if (last !== "" && Number(last) < start) return undefined;
  return start >= sizeBytes ? "unsatisfiable" : { start, end };
}

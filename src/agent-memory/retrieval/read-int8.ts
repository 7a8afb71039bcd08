/** A number as int8send writes it; exact within ±2^53. */
export function readInt8(bytes: Buffer, at: number): number {
  return bytes.readInt32BE(at) * 2 ** 32 + bytes.readUInt32BE(at + 4);
}

/** Numbers as int4send, int8send and float4send write them, one behind the other: by words of four bytes. */
export type PackedNumbers = Readonly<{
  ints: Int32Array;
  /** The number of eight bytes from that word on; exact within ±2^53. */
  int8(word: number): number;
  floats: Float32Array;
}>;

/** Words are turned round all at once: to read thousands of numbers of a Buffer one by one takes ten times as long. */
export function readPacked(bytes: Uint8Array): PackedNumbers {
  const { buffer } = Uint8Array.from(bytes); // of its own, so that it begins where a number may
  Buffer.from(buffer).swap32();
  const ints = new Int32Array(buffer);
  const int8 = (word: number) => ints[word]! * 2 ** 32 + (ints[word + 1]! >>> 0);
  return { ints, int8, floats: new Float32Array(buffer) };
}

/**
 * The part of protocol buffers' wire format that ONNX needs: write only, no schema, no dependency.
 * A message is the concatenation of its fields; a field is a tag (number << 3 | wire type) and its
 * payload. Equal calls give equal bytes, because the caller fixes the order.
 *
 *     message(textField(1, "x"), intField(3, 7)); // 0a 01 78 18 07
 *
 * Source: https://protobuf.dev/programming-guides/encoding
 */
export type Bytes = Uint8Array;

const VARINT = 0;
const LENGTH = 2;
const FIXED32 = 5;

const encoder = new TextEncoder();

/** The bytes of a message, given the bytes of its fields. */
export function message(...fields: readonly Bytes[]): Bytes {
  let size = 0;
  for (const field of fields) size += field.length;
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const field of fields) {
    bytes.set(field, at);
    at += field.length;
  }
  return bytes;
}

export function intField(number: number, value: number): Bytes {
  const out: number[] = [];
  pushVarint(out, number * 8 + VARINT);
  pushVarint(out, value);
  return Uint8Array.from(out);
}

export function floatField(number: number, value: number): Bytes {
  const out: number[] = [];
  pushVarint(out, number * 8 + FIXED32);
  return message(Uint8Array.from(out), littleEndian(Float32Array.of(value)));
}

export function bytesField(number: number, bytes: Bytes): Bytes {
  const head: number[] = [];
  pushVarint(head, number * 8 + LENGTH);
  pushVarint(head, bytes.length);
  return message(Uint8Array.from(head), bytes);
}

export function textField(number: number, text: string): Bytes {
  return bytesField(number, encoder.encode(text));
}

/** A repeated integer field in packed form. */
export function intsField(number: number, values: Iterable<number>): Bytes {
  const out: number[] = [];
  for (const value of values) pushVarint(out, value);
  return bytesField(number, Uint8Array.from(out));
}

/** Numbers as IEEE 754 or two's complement, little endian whatever the machine. */
export function littleEndian(values: Float32Array | Float64Array | BigInt64Array): Bytes {
  const width = values.BYTES_PER_ELEMENT;
  const view = new DataView(new ArrayBuffer(values.length * width));
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (typeof value === "bigint") view.setBigInt64(i * width, value, true);
    else if (width === 4) view.setFloat32(i * width, value, true);
    else view.setFloat64(i * width, value, true);
  }
  return new Uint8Array(view.buffer);
}

function pushVarint(out: number[], value: number): void {
  if (value < 0) {
    pushNegative(out, value);
    return;
  }
  let rest = value;
  while (rest >= 128) {
    out.push((rest % 128) + 128);
    rest = Math.floor(rest / 128); // not >>>: a size or an id may pass 2^32
  }
  out.push(rest);
}

/** A negative int64 is its two's complement in 64 bits: always ten bytes. */
function pushNegative(out: number[], value: number): void {
  let rest = BigInt.asUintN(64, BigInt(value));
  while (rest >= 128n) {
    out.push(Number(rest % 128n) + 128);
    rest /= 128n;
  }
  out.push(Number(rest));
}

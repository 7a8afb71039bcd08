/**
 * The one adapter on what @duckdb/node-api keeps private: the typed array and the validity bits of a
 * vector. Its public way makes a JavaScript value of each cell, several times slower. The shape is
 * checked at run time, and whatever does not have it goes the public way (test/table/chunk-values.test.ts
 * holds the pinned version to the fast way).
 */
import type { DuckDBDataChunk } from "@duckdb/node-api";

export type TypedItems =
  | Float64Array
  | Float32Array
  | Int32Array
  | Int16Array
  | Int8Array
  | Uint32Array
  | Uint16Array
  | Uint8Array
  | BigInt64Array
  | BigUint64Array;

export type VectorView = Readonly<{
  items: TypedItems;
  /** One bit a row, 1 for a value; null when every row has one. */
  validity: Readonly<{ bytes: Uint8Array; offset: number }> | null;
}>;

type PrivateVector = Readonly<{
  items?: unknown;
  validity?: Readonly<{ data?: unknown; offset?: unknown }>;
}>;

/** A column of a chunk as it lies in memory, good until the next chunk; undefined when it has no typed array. */
export function viewColumn(chunk: DuckDBDataChunk, column: number): VectorView | undefined {
  const vector = chunk.getColumnVector(column) as unknown as PrivateVector;
  const { items, validity } = vector;
  if (!ArrayBuffer.isView(items) || items instanceof DataView || validity === undefined) {
    return undefined;
  }
  if ((items as TypedItems).length !== chunk.rowCount) return undefined;
  const typed = items as TypedItems;
  if (validity.data === null) return { items: typed, validity: null };
  if (!(validity.data instanceof BigUint64Array) || typeof validity.offset !== "number") {
    return undefined;
  }
  const { buffer, byteOffset, byteLength } = validity.data;
  const bytes = new Uint8Array(buffer, byteOffset, byteLength);
  return { items: typed, validity: { bytes, offset: validity.offset } };
}

/** Whether a row of a view has a value. */
export function isValid(view: VectorView, row: number): boolean {
  if (view.validity === null) return true;
  const bit = view.validity.offset + row;
  return ((view.validity.bytes[bit >>> 3]! >>> (bit & 7)) & 1) === 1;
}

/** Copies a numeric column of a chunk into doubles, null as NaN. */
export function copyNumbers(
  chunk: DuckDBDataChunk,
  column: number,
  target: Float64Array,
  offset: number,
): void {
  const view = viewColumn(chunk, column);
  if (view === undefined) {
    copyPublic(chunk, column, target, offset);
    return;
  }
  const { items } = view;
  if (items instanceof BigInt64Array || items instanceof BigUint64Array) {
    for (let row = 0; row < items.length; row++) target[offset + row] = Number(items[row]!);
  } else {
    target.set(items, offset);
  }
  if (view.validity === null) return;
  for (let row = 0; row < items.length; row++) {
    if (!isValid(view, row)) target[offset + row] = Number.NaN;
  }
}

function copyPublic(
  chunk: DuckDBDataChunk,
  column: number,
  target: Float64Array,
  offset: number,
): void {
  const values = chunk.getColumnValues(column);
  for (let row = 0; row < values.length; row++) {
    const value = values[row];
    target[offset + row] =
      value === null || value === undefined ? Number.NaN : Number(value as number | bigint);
  }
}

/** Copies dictionary codes of a chunk, null as -1. */
export function copyCodes(
  chunk: DuckDBDataChunk,
  column: number,
  target: Int32Array,
  offset: number,
): void {
  const view = viewColumn(chunk, column);
  if (view === undefined || view.items instanceof BigInt64Array) {
    throw new TypeError("dictionary codes came without their typed array");
  }
  target.set(view.items as Int32Array, offset);
  if (view.validity === null) return;
  for (let row = 0; row < chunk.rowCount; row++) {
    if (!isValid(view, row)) target[offset + row] = -1;
  }
}

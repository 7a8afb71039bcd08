import { DuetMindError } from "../../core/errors.ts";
import { halfFloats } from "./half-float.ts";

/**
 * Tensors by name, out of the bytes of a safetensors file: the length of a header (u64, little
 * endian), the header `{ name: { dtype, shape, data_offsets } }`, the data.
 *
 * Source: https://huggingface.co/docs/safetensors
 */
export type SafeTensors = Readonly<{
  /** The values of a tensor of exactly this shape, row by row. */
  read(name: string, shape: readonly number[]): Float32Array;
}>;

type Entry = Readonly<{ dtype: string; shape: number[]; data_offsets: [number, number] }>;

/** Reads the header; `file` is for messages. Half floats only: that is what the package holds. */
export function readSafeTensors(bytes: Uint8Array, file: string): SafeTensors {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const start = 8 + Number(view.getBigUint64(0, true));
  const entries = JSON.parse(new TextDecoder().decode(bytes.subarray(8, start))) as Record<
    string,
    Entry
  >;
  return {
    read(name, shape) {
      const entry = entries[name];
      if (entry?.dtype !== "F16" || entry.shape.join() !== shape.join()) {
        throw new DuetMindError(
          "FILE_UNREADABLE",
          `${file}: expected a tensor ${name} of F16 [${shape}], got ${entry === undefined ? "none" : `${entry.dtype} [${entry.shape}]`}`,
          { file },
        );
      }
      const [from, to] = entry.data_offsets;
      return halfFloats(bytes.subarray(start + from, start + to));
    },
  };
}

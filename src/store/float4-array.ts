const FLOAT4 = 700;

/**
 * Numbers as the binary form of a float4[]: `pg` sends a Buffer as it is, where text would be printed
 * and read again digit by digit. The format is that of array_recv in PostgreSQL's source: dimensions,
 * flags, type of the elements; length and lower bound; then each element behind its length.
 */
export function toFloat4Array(vectors: readonly Float32Array[]): Buffer {
  const count = vectors.reduce((sum, vector) => sum + vector.length, 0);
  const bytes = Buffer.allocUnsafe(20 + 8 * count);
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  [1, 0, FLOAT4, count, 1].forEach((word, i) => void view.setInt32(4 * i, word));
  let at = 20;
  for (const vector of vectors) {
    for (const value of vector) {
      view.setInt32(at, 4);
      view.setFloat32(at + 4, value);
      at += 8;
    }
  }
  return bytes;
}

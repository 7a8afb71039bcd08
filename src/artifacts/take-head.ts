/** A short stream as a whole, or a long one to be read on from its first byte. */
export type Head =
  | Readonly<{ whole: Buffer; rest?: undefined }>
  | Readonly<{ rest: AsyncIterable<Uint8Array> }>;

/** Reads a stream until it ends or is longer than `mostBytes`. */
export async function takeHead(
  stream: AsyncIterable<Uint8Array>,
  mostBytes: number,
): Promise<Head> {
  const reader = stream[Symbol.asyncIterator]();
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  while (sizeBytes <= mostBytes) {
    const { done, value } = await reader.next();
    if (done === true) return { whole: Buffer.concat(chunks) };
    chunks.push(value);
    sizeBytes += value.length;
  }
  return { rest: readOn(chunks, reader) };
}

async function* readOn(
  chunks: Uint8Array[],
  reader: AsyncIterator<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  try {
    for (let chunk = chunks.shift(); chunk !== undefined; chunk = chunks.shift()) yield chunk;
    for (;;) {
      const { done, value } = await reader.next();
      if (done === true) return;
      yield value;
    }
  } finally {
    await reader.return?.();
  }
}

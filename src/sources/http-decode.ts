import { pipeline, Readable } from "node:stream";
import { createBrotliDecompress, createGunzip, createInflate } from "node:zlib";
import { HttpFault, toHttpFault } from "./http-fault.ts";

const DECODERS: Readonly<Record<string, () => NodeJS.ReadWriteStream & AsyncIterable<unknown>>> = {
  gzip: createGunzip,
  "x-gzip": createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
};

/** Takes a content encoding off, chunk by chunk: a bomb is counted as it unfolds, by who reads it. */
export async function* decode(
  chunks: AsyncIterable<Uint8Array>,
  encoding: string | undefined,
): AsyncGenerator<Uint8Array> {
  const name = (encoding ?? "identity").trim().toLowerCase();
  const create = DECODERS[name];
  if (create === undefined && name !== "identity" && name !== "") {
    throw new HttpFault({
      code: "BAD_INPUT",
      expected: "content as it is, or as gzip, deflate or br",
      got: `content-encoding ${JSON.stringify(name)}`,
    });
  }
  try {
    if (create === undefined) {
      yield* chunks;
      return;
    }
    const decoder = create();
    // its errors come out of the loop below
    pipeline(Readable.from(chunks), decoder, () => {});
    yield* decoder as AsyncIterable<Uint8Array>;
  } catch (error) {
    throw toHttpFault(error);
  }
}

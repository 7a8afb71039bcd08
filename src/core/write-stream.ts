import type { Readable, Transform, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";

/**
 * Brings what streams carry to a file, which is closed when this ends. Node's `pipeline` fails with its
 * source, while the file may still wait to be opened: it would then appear after its folder was cleared.
 */
export async function writeStream(
  from: readonly [Readable | AsyncIterable<Uint8Array>, ...Transform[]],
  file: Writable,
): Promise<void> {
  try {
    // in a list its types know of streams only
    await pipeline([...(from as readonly Readable[]), file]);
  } finally {
    if (!file.closed) await new Promise((done) => file.once("close", done));
  }
}

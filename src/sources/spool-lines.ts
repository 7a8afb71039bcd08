import { type FileHandle, open } from "node:fs/promises";
import { cutLines } from "./cut-lines.ts";

/** A file of whole lines; `longestLine` is an upper bound, in bytes. */
export type LineFile = Readonly<{ path: string; longestLine: number }>;

/** Written at once; two buffers of it take turns, so that one fills while the other is written. */
const SPOOL_BYTES = 1 << 20;

/** Writes a stream of lines to files, block by block (cut-lines.ts), in the memory of two small buffers. */
export async function* spoolLines(
  lines: AsyncIterable<Buffer>,
  pathOf: (block: number) => string,
): AsyncGenerator<LineFile> {
  let [filling, spare] = [Buffer.allocUnsafeSlow(SPOOL_BYTES), Buffer.allocUnsafeSlow(SPOOL_BYTES)];
  let length = 0;
  let writing: Promise<void> = Promise.resolve();
  let file: FileHandle | undefined;
  let block = 0;

  async function flush(handle: FileHandle): Promise<void> {
    await writing;
    const full = filling.subarray(0, length);
    writing = handle.writeFile(full);
    writing.catch(() => {}); // awaited before the next write, or at the end of the block
    [filling, spare] = [spare, filling];
    length = 0;
  }

  try {
    for await (const { bytes, longestLine, endsBlock } of cutLines(lines)) {
      file ??= await open(pathOf(block), "w");
      for (let at = 0; at < bytes.length; ) {
        const copied = bytes.copy(filling, length, at);
        at += copied;
        length += copied;
        if (length === SPOOL_BYTES) await flush(file);
      }
      if (!endsBlock) continue;
      await flush(file);
      await writing;
      await file.close();
      file = undefined;
      yield { path: pathOf(block), longestLine };
      block += 1;
    }
  } finally {
    await file?.close();
  }
}

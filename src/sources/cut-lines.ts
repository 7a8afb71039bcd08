/**
 * A stretch of a block of lines, as it arrived: blocks are cut, not held. `longestLine` is an upper
 * bound, in bytes, of the lines of the block so far, and of all of them once `endsBlock`.
 */
export type LinePiece = Readonly<{ bytes: Buffer; longestLine: number; endsBlock: boolean }>;

/** Large enough to be worth a Parquet file, small enough for DuckDB to hold one. */
export const BLOCK_BYTES = 1 << 25;

const LINE_FEED = 0x0a;
const EMPTY = Buffer.alloc(0);

/**
 * Cuts a stream of lines, which arrives in buffers that end anywhere, behind the first line that
 * reaches `blockBytes`. There is one block at least, so that no line makes an empty file.
 */
export async function* cutLines(
  stream: AsyncIterable<Buffer>,
  blockBytes = BLOCK_BYTES,
): AsyncGenerator<LinePiece> {
  const block = { length: 0, longestLine: 0, openLine: 0 };
  let isFirst = true;
  for await (const arrived of stream) {
    let buffer = arrived;
    for (;;) {
      const end = buffer.indexOf(LINE_FEED, Math.max(0, blockBytes - block.length - 1));
      if (end === -1) break;
      const bytes = buffer.subarray(0, end + 1);
      add(block, bytes);
      yield { bytes, longestLine: block.longestLine, endsBlock: true };
      isFirst = false;
      block.length = 0;
      block.longestLine = 0;
      block.openLine = 0;
      buffer = buffer.subarray(end + 1);
    }
    if (buffer.length === 0) continue;
    add(block, buffer);
    yield { bytes: buffer, longestLine: block.longestLine, endsBlock: false };
  }
  if (isFirst || block.length > 0) {
    yield { bytes: EMPTY, longestLine: block.longestLine, endsBlock: true };
  }
}

type OpenBlock = { length: number; longestLine: number; openLine: number };

/** Lines inside one buffer are bounded by its length: only those that cross its edges are measured. */
function add(block: OpenBlock, buffer: Buffer): void {
  block.length += buffer.length;
  const first = buffer.indexOf(LINE_FEED);
  if (first === -1) {
    block.openLine += buffer.length;
    block.longestLine = Math.max(block.longestLine, block.openLine);
    return;
  }
  const last = buffer.lastIndexOf(LINE_FEED);
  block.longestLine = Math.max(block.longestLine, block.openLine + first + 1, last - first);
  block.openLine = buffer.length - last - 1;
}

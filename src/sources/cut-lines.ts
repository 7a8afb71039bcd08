/**
 * Lines of text that are kept together; `longestLine` is an upper bound, in bytes. The bytes are good
 * until the block after the next one is asked for: two buffers take turns, since fresh memory for
 * every block costs the system as much as the copying.
 */
export type LineBlock = Readonly<{ bytes: Buffer; longestLine: number }>;

/** Large enough to be worth a Parquet file, small enough to hold two in memory. */
export const BLOCK_BYTES = 1 << 25;

const LINE_FEED = 0x0a;

/**
 * Cuts a stream of lines, which arrives in buffers that end anywhere, behind the first line that
 * reaches `blockBytes`. There is one block at least, so that no line makes an empty file.
 */
export async function* cutLines(
  stream: AsyncIterable<Buffer>,
  blockBytes = BLOCK_BYTES,
): AsyncGenerator<LineBlock> {
  let [open, spare] = [emptyBlock(blockBytes), emptyBlock(blockBytes)];
  let isFirst = true;
  for await (const arrived of stream) {
    let buffer = arrived;
    for (;;) {
      const end = buffer.indexOf(LINE_FEED, Math.max(0, blockBytes - open.length - 1));
      if (end === -1) break;
      add(open, buffer.subarray(0, end + 1));
      yield toBlock(open);
      isFirst = false;
      [open, spare] = [spare, open];
      open.length = 0;
      open.longestLine = 0;
      open.openLine = 0;
      buffer = buffer.subarray(end + 1);
    }
    if (buffer.length > 0) add(open, buffer);
  }
  if (isFirst || open.length > 0) yield toBlock(open);
}

type OpenBlock = { memory: Buffer; length: number; longestLine: number; openLine: number };

function emptyBlock(blockBytes: number): OpenBlock {
  const memory = Buffer.allocUnsafeSlow(blockBytes + (blockBytes >> 3));
  return { memory, length: 0, longestLine: 0, openLine: 0 };
}

function toBlock({ memory, length, longestLine }: OpenBlock): LineBlock {
  return { bytes: memory.subarray(0, length), longestLine };
}

/** Lines inside one buffer are bounded by its length: only those that cross its edges are measured. */
function add(block: OpenBlock, buffer: Buffer): void {
  if (block.length + buffer.length > block.memory.length) grow(block, buffer.length);
  buffer.copy(block.memory, block.length);
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

/** For a line that is longer than the rest of a block. */
function grow(block: OpenBlock, more: number): void {
  const memory = Buffer.allocUnsafeSlow(2 * (block.length + more));
  block.memory.copy(memory, 0, 0, block.length);
  block.memory = memory;
}

import { closeSync, openSync, readSync } from "node:fs";
import { StringDecoder } from "node:string_decoder";

const BLOCK_BYTES = 1 << 16;
const LF = 0x0a;
const CR = 0x0d;

/** Blocks of a file, from its start; each is only good until the next. */
export function* readBlocks(path: string, blockBytes = BLOCK_BYTES): Generator<Buffer> {
  const block = Buffer.allocUnsafe(blockBytes);
  const fd = openSync(path, "r");
  try {
    for (;;) {
      const read = readSync(fd, block, 0, block.length, null);
      if (read === 0) return;
      yield block.subarray(0, read);
    }
  } finally {
    closeSync(fd);
  }
}

/**
 * Where the data of a text file starts: after `skip` lines, and the blank lines and comments that
 * follow them. Lines end in LF, CRLF or CR.
 */
export function findBody(
  path: string,
  skip: number,
  comment: string | undefined,
): Readonly<{ offset: number; lines: number }> {
  const mark = comment === undefined ? undefined : Buffer.from(comment);
  let offset = 0; // of the line that is being looked at
  let lines = 0;
  let line: number[] = []; // its first bytes, as far as they tell
  let at = 0;
  let afterCr = false;
  const isOver = () =>
    lines >= skip && line.length > 0 && !(mark !== undefined && startsWith(line, mark));
  for (const block of readBlocks(path)) {
    for (const byte of block) {
      if (byte === LF && afterCr) {
        offset = at + 1; // the second half of a line end
      } else if (byte === LF || byte === CR) {
        if (isOver()) return { offset, lines };
        lines += 1;
        offset = at + 1;
        line = [];
      } else if (line.length < (mark?.length ?? 1)) {
        line.push(byte);
      } else if (isOver()) return { offset, lines };
      afterCr = byte === CR;
      at += 1;
    }
  }
  return isOver() ? { offset, lines } : { offset: at, lines };
}

function startsWith(line: readonly number[], mark: Uint8Array): boolean {
  return mark.every((byte, i) => line[i] === byte);
}

/** The first bytes of a text file as text, without a byte order mark or half a character. */
export function readHead(path: string, bytes: number): string {
  const decoder = new StringDecoder("utf8");
  let text = "";
  let left = bytes;
  for (const block of readBlocks(path, Math.min(bytes, 1 << 20))) {
    text += decoder.write(block.subarray(0, left));
    left -= block.length;
    if (left <= 0) break;
  }
  return text.replace(/^\uFEFF/, "");
}

/** The line, from 1, that holds a byte of a file. */
export function lineAt(path: string, offset: number): number {
  let line = 1;
  let start = 0;
  for (const block of readBlocks(path)) {
    for (let at = block.indexOf(LF); at !== -1; at = block.indexOf(LF, at + 1)) {
      if (start + at >= offset) return line;
      line += 1;
    }
    start += block.length;
    if (start > offset) break;
  }
  return line;
}

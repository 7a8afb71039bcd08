import { DuetMindError } from "../core/errors.ts";
import type { PlainFile } from "./plain-text.ts";
import { MAX_RECORD_BYTES } from "./source-params.ts";
import { lineAt, readBlocks } from "./text-lines.ts";

/** Shorter than any limit on records, so a record that is too long fills at least one. */
const BLOCK_BYTES = 1 << 20;
const UNDERSCORE = 0x5f;

export type TextSurvey = Readonly<{
  /** Whether a byte after the first line is an underscore. */
  hasUnderscore: boolean;
}>;

/**
 * Looks at every byte of a CSV file, at memory's speed, for what DuckDB's reader takes without a word:
 * it drops a last line longer than its buffer, and keeps NUL bytes, which no database stores as text.
 */
export function surveyText(file: PlainFile, maxRecordBytes = MAX_RECORD_BYTES): TextSurvey {
  let start = 0;
  let lineStart = 0;
  let inHeader = true;
  let hasUnderscore = false;
  for (const block of readBlocks(file.path, BLOCK_BYTES)) {
    const nul = block.indexOf(0);
    if (nul !== -1) throw nulError(file, start + nul);
    const [first, last] = lineEnds(block);
    if (first === -1) {
      if (start + block.length - lineStart > maxRecordBytes)
        throw longError(file, lineStart, maxRecordBytes);
    } else {
      if (start + first - lineStart > maxRecordBytes)
        throw longError(file, lineStart, maxRecordBytes);
      lineStart = start + last + 1;
    }
    const from = inHeader ? first : 0;
    if (from !== -1) {
      inHeader = false;
      hasUnderscore ||= block.subarray(from).includes(UNDERSCORE);
    }
    start += block.length;
  }
  return { hasUnderscore };
}

function lineEnds(block: Buffer): readonly [first: number, last: number] {
  const first = block.indexOf(0x0a);
  return first === -1
    ? [block.indexOf(0x0d), block.lastIndexOf(0x0d)]
    : [first, block.lastIndexOf(0x0a)];
}

function nulError(file: PlainFile, offset: number): DuetMindError {
  const line = file.linesBefore + lineAt(file.path, offset);
  return new DuetMindError(
    "FILE_UNREADABLE",
    `${file.name}:${line}: expected text, got a NUL byte`,
    {
      file: file.name,
      line,
      hint: "the file is damaged, or its text is in another encoding: try csv.encoding: utf-16",
    },
  );
}

function longError(file: PlainFile, offset: number, maxRecordBytes: number): DuetMindError {
  const line = file.linesBefore + lineAt(file.path, offset);
  return new DuetMindError(
    "BAD_INPUT",
    `${file.name}:${line}: expected a record of at most ${maxRecordBytes} bytes, got a longer one`,
    { file: file.name, line, hint: "raise csv.max_record_bytes of the source, up to 134217728" },
  );
}

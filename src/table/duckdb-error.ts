import { DuetMindError, type ErrorCode } from "../core/errors.ts";

type Known = Readonly<{
  pattern: RegExp;
  code: ErrorCode;
  expected: string;
  got(match: RegExpMatchArray): string;
  hint?: string;
}>;

const OUT_OF_MEMORY = /Out of Memory Error: ([^\n]*)/;

/** What DuckDB says → what the user can act on; the first pattern that matches wins. */
const KNOWN: readonly Known[] = [
  {
    pattern: /No space left on device|Disk quota exceeded|File too large/,
    code: "DISK_FULL",
    expected: "to write the file",
    got: (m) => `the disk is full (${m[0]})`,
    hint: "free some space, or raise the limit on file size, and run the command again",
  },
  {
    pattern: /Cannot open file "[^"]*": (Permission denied|Read-only file system|Not a directory)/,
    code: "NOT_WRITABLE",
    expected: "a path that can be opened",
    got: (m) => m[1]!.toLowerCase(),
  },
  {
    pattern: /No files found that match the pattern/,
    code: "FILE_NOT_FOUND",
    expected: "a file",
    got: () => "nothing at this path",
  },
  {
    pattern:
      /No magic bytes found|too small to be a Parquet file|TProtocolException|Footer length error|Could not read enough bytes/,
    code: "FILE_UNREADABLE",
    expected: "a Parquet file",
    got: () => "something else, or only a part of one",
  },
  {
    pattern: /Failed to read file "[^"]*": ([^\n]*)/,
    code: "FILE_UNREADABLE",
    expected: "a whole Parquet file",
    got: (m) => m[1]!,
  },
  {
    pattern: /Invalid unicode|not utf-?(8|16) encoded|not .*-encoded/i,
    code: "FILE_UNREADABLE",
    expected: "text in the encoding of csv.encoding",
    got: () => "bytes that it does not have",
    hint: "set csv.encoding of the source, for example to windows-1252, latin-1 or utf-16",
  },
  {
    pattern: /Expected Number of Columns: (\d+) Found: (\d+)/,
    code: "BAD_INPUT",
    expected: "as many fields as the header",
    got: (m) => `${m[2]} instead of ${m[1]}`,
  },
  {
    pattern: /Maximum line size of (\d+) bytes exceeded\. Actual Size:(\d+) bytes/,
    code: "BAD_INPUT",
    expected: "a record within the limit",
    got: (m) => `one of ${m[2]} bytes, where ${m[1]} are allowed`,
    hint: "raise csv.max_record_bytes of the source, up to 134217728",
  },
  {
    pattern: /unterminated quote/,
    code: "BAD_INPUT",
    expected: "a quoted field to end",
    got: () => "the end of the file",
    hint: "a quote may be missing, or the record is longer than csv.max_record_bytes",
  },
  {
    pattern: /CSV Parser state machine reached an invalid state/,
    code: "BAD_INPUT",
    expected: "CSV after RFC 4180",
    got: () => "line ends of two kinds (CRLF and LF) or a stray quote",
    hint: "write the file again with one kind of line end and quotes doubled inside quoted fields",
  },
  {
    pattern:
      /Could not convert string "([^"]*)" to '([^']*)'|Could not convert string '([^']*)' to (\w+)/,
    code: "COLUMN_TYPE",
    expected: "values of the declared type",
    got: (m) => `"${m[1] ?? m[3]}", which is no ${m[2] ?? m[4]}`,
  },
  {
    pattern: /Malformed JSON.*?: ([^\n]*)|Expected top-level JSON array|expected records/,
    code: "BAD_INPUT",
    expected: "valid JSON: an array of objects (.json) or one object a line (.ndjson)",
    got: (m) => m[1]?.trim().replace(/\.$/, "") ?? "something else",
  },
  {
    pattern: /"maximum_object_size" of (\d+) bytes exceeded/,
    code: "BAD_INPUT",
    expected: "JSON objects within the limit",
    got: (m) => `one of more than ${m[1]} bytes`,
  },
  {
    pattern: /has duplicate key "([^"]*)"/,
    code: "BAD_INPUT",
    expected: "each key of an object once",
    got: (m) => `"${m[1]}" twice`,
  },
  {
    pattern: OUT_OF_MEMORY,
    code: "DISK_FULL",
    expected: "to stay within memory and temporary disk",
    got: (m) => m[1]!,
  },
];

/** What the engine calls the data before somebody who knows its file says so. */
const UNNAMED = "data";

/**
 * An error of DuckDB with its code, subject and line; anything not known comes back as it is. The
 * engine translates first, without a subject; whoever knows the file translates once more, and says
 * how many lines of it the engine did not see.
 */
export function fromDuckDbError(error: unknown, subject = UNNAMED, linesBefore = 0): unknown {
  if (error instanceof DuetMindError) {
    const { file, cause } = error.details;
    return file === UNNAMED ? fromDuckDbError(cause, subject, linesBefore) : error;
  }
  if (!(error instanceof Error)) return error;
  for (const known of KNOWN) {
    const match = error.message.match(known.pattern);
    if (match === null) continue;
    const line = lineOf(error.message, linesBefore);
    const column = error.message.match(/Error when converting column "([^"]*)"/)?.[1];
    const where = [subject, column === undefined ? "" : `column "${column}"`]
      .filter(Boolean)
      .join(": ");
    const at = line === undefined ? "" : `:${line}`;
    return new DuetMindError(
      known.code,
      `${where.replace(subject, `${subject}${at}`)}: expected ${known.expected}, got ${known.got(match)}`,
      {
        file: subject,
        cause: error,
        ...(line === undefined ? {} : { line }),
        ...(known.hint === undefined ? {} : { hint: known.hint }),
      },
    );
  }
  return error;
}

/** Whether the engine could not hold what it needed, however the error has been named since. */
export function isOutOfMemory(error: unknown): boolean {
  const cause = error instanceof DuetMindError ? error.details.cause : error;
  return cause instanceof Error && OUT_OF_MEMORY.test(cause.message);
}

/** DuckDB's text for one of our own `error('duetmind…')` calls, or undefined. */
export function ownErrorText(error: unknown): string | undefined {
  return error instanceof Error ? error.message.match(/duetmind:[^\n]*/)?.[0] : undefined;
}

function lineOf(message: string, linesBefore: number): number | undefined {
  const match = message.match(/Error on Line: (\d+)|in line (\d+)/);
  if (match === null) return undefined;
  if (match[1] === undefined) return Number(match[2]) - (/Malformed/.test(message) ? 1 : 0); // one too many
  return linesBefore + Number(match[1]);
}

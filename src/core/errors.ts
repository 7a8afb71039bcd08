/**
 * The one error of the product. A code from this table decides the exit status of a command and the
 * status of an HTTP reply, so a thrower says only what went wrong.
 *
 * Exit: 1 a check failed · 2 bad input or usage · 3 environment (disk, database, lock, network).
 */
export const ERROR_CODES = {
  CHECK_FAILED: { exit: 1, status: 422 },
  CONTRACT_VIOLATED: { exit: 1, status: 422 },
  QUALITY_GATE_FAILED: { exit: 1, status: 422 },
  STAGE_FAILED: { exit: 1, status: 422 },
  TRANSFER_INCOMPLETE: { exit: 1, status: 422 },
  NOT_IN_CACHE: { exit: 1, status: 404 },
  UNSAVED_FILES: { exit: 1, status: 409 },
  MODEL_REJECTED: { exit: 1, status: 422 },
  BAD_INPUT: { exit: 2, status: 400 },
  USAGE: { exit: 2, status: 400 },
  CONFIG_INVALID: { exit: 2, status: 400 },
  CONTRACT_INVALID: { exit: 2, status: 400 },
  FILE_NOT_FOUND: { exit: 2, status: 404 },
  FILE_UNREADABLE: { exit: 2, status: 400 },
  COLUMN_NOT_FOUND: { exit: 2, status: 400 },
  COLUMN_TYPE: { exit: 2, status: 400 },
  DATA_EMPTY: { exit: 2, status: 400 },
  TARGET_INVALID: { exit: 2, status: 400 },
  JOIN_CARDINALITY: { exit: 2, status: 400 },
  INTEGRITY_VIOLATED: { exit: 2, status: 400 },
  NOT_FOUND: { exit: 2, status: 404 },
  METHOD_NOT_ALLOWED: { exit: 2, status: 405 },
  CONFLICT: { exit: 2, status: 409 },
  ALREADY_EXISTS: { exit: 2, status: 409 },
  UNAUTHENTICATED: { exit: 2, status: 401 },
  PERMISSION_DENIED: { exit: 2, status: 403 },
  PRECONDITION_FAILED: { exit: 2, status: 412 },
  TOO_LARGE: { exit: 2, status: 413 },
  UNSUPPORTED_MEDIA_TYPE: { exit: 2, status: 415 },
  RANGE_NOT_SATISFIABLE: { exit: 2, status: 416 },
  RATE_LIMITED: { exit: 3, status: 429 },
  NOT_SUPPORTED: { exit: 2, status: 501 },
  DVC_YAML_SCHEMA: { exit: 2, status: 400 },
  DVC_YAML_TEMPLATE: { exit: 2, status: 400 },
  DVC_YAML_GRAPH: { exit: 2, status: 400 },
  CHECKSUM_MISMATCH: { exit: 3, status: 500 },
  DATABASE_UNAVAILABLE: { exit: 3, status: 503 },
  DATABASE_LOCKED: { exit: 3, status: 503 },
  DATABASE_SCHEMA: { exit: 3, status: 503 },
  PIPELINE_LOCKED: { exit: 3, status: 503 },
  NOT_WRITABLE: { exit: 3, status: 503 },
  DISK_FULL: { exit: 3, status: 503 },
  PART_MISSING: { exit: 3, status: 503 },
  SOURCE_UNAVAILABLE: { exit: 3, status: 503 },
  SOURCE_REFUSED: { exit: 3, status: 502 },
  STORAGE_UNAVAILABLE: { exit: 3, status: 503 },
  STORAGE_REFUSED: { exit: 3, status: 502 },
  INTERRUPTED: { exit: 3, status: 503 },
  INTERNAL: { exit: 3, status: 500 },
} as const satisfies Record<string, { exit: 1 | 2 | 3; status: number }>;

export type ErrorCode = keyof typeof ERROR_CODES;

export type ErrorDetails = Readonly<{
  /** What to do next, in one sentence. */
  hint?: string;
  file?: string;
  /** Dotted place inside the file, such as `columns.age.in_range`. */
  path?: string;
  line?: number;
  column?: number;
  /** Every fault of a value that has several, where the message names the first. */
  issues?: readonly Readonly<{ path: string; expected: string; got: string }>[];
  cause?: unknown;
}>;

/** `message` reads `subject: expected …, got …`. */
export class DuetMindError extends Error {
  override readonly name = "DuetMindError";
  readonly code: ErrorCode;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.details = details;
  }

  get exitCode(): 1 | 2 | 3 {
    return ERROR_CODES[this.code].exit;
  }

  /** The `error` object that every command prints with `--json` (reference: cli.md, section 1). */
  toJSON(): Readonly<Record<string, unknown>> {
    const { cause: _, ...known } = this.details;
    return { code: this.code, message: this.message, ...known };
  }
}

const DISK_ERRORS: Readonly<Record<string, ErrorCode>> = {
  ENOSPC: "DISK_FULL",
  EDQUOT: "DISK_FULL",
  EFBIG: "DISK_FULL",
  EACCES: "NOT_WRITABLE",
  EPERM: "NOT_WRITABLE",
  EROFS: "NOT_WRITABLE",
  EEXIST: "NOT_WRITABLE",
  ENOTDIR: "NOT_WRITABLE",
};

/** Gives an error of the operating system its code; anything else comes back as it is. */
export function fromWriteError(error: unknown, subject: string): unknown {
  const errno = (error as NodeJS.ErrnoException | null)?.code ?? "";
  const code = DISK_ERRORS[errno];
  if (code === undefined) return error;
  const denied = errno === "EROFS" ? "a read-only file system" : "permission denied";
  const got = code === "DISK_FULL" ? "the disk is full" : `${denied} (${errno})`;
  return new DuetMindError(code, `${subject}: expected to write the file, got ${got}`, {
    file: subject,
    cause: error,
  });
}

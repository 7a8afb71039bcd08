import { DuetMindError } from "./errors.ts";

/** What an error of PostgreSQL's client has beside its message. */
type DatabaseLike = Readonly<{ code: string; message: string; routine: string }>;

/** What PostgreSQL says when a statement could not be carried out, whoever sent it. */
const AWAY = new Set([
  ...["57P01", "57P02", "57P03", "57014", "53300", "40001", "40P01", "08000", "08003", "08006"],
]);
const PERMISSION = "42501";
/** The function of PostgreSQL that refuses a row, with the code of a permission. */
const ROW_CHECK = "ExecWithCheckOptions";
const MEMORY_ROLE = "duetmind_memory";

/**
 * What an administrator can do about an error of the metadata database, or undefined where it is none
 * of those: the server went away, or does not allow its user what DuetMind does.
 */
export function fromDatabaseFault(error: unknown): DuetMindError | undefined {
  const { code = "", message = "" } = (error ?? {}) as Partial<DatabaseLike>;
  if (AWAY.has(code) || message.startsWith("Connection terminated")) {
    return databaseAway(error);
  }
  if (isRoleFault(code, message)) return withoutRole(message, error);
  if (code !== PERMISSION || isRowRefused(error)) return undefined;
  return new DuetMindError(
    "DATABASE_UNAVAILABLE",
    `database: expected a user who owns the schema duetmind or may make it, got: ${message}`,
    {
      hint: "connect as the user who ran `duetmind db migrate`; before the first one let an administrator run: GRANT CREATE ON DATABASE … TO the user of DATABASE_URL",
      cause: error,
    },
  );
}

/** Whether row-level security refused to write a row: a fault of ours, unless another writer was quicker. */
export function isRowRefused(error: unknown): boolean {
  const { code, routine } = (error ?? {}) as Partial<DatabaseLike>;
  return code === PERMISSION && routine === ROW_CHECK;
}

export function databaseAway(cause: unknown): DuetMindError {
  return new DuetMindError("DATABASE_UNAVAILABLE", "database: expected an answer, got none", {
    hint: "check that the server of DATABASE_URL runs, then try again",
    cause,
  });
}

/** The role is not there (a dump holds no roles), or this user may not take it. */
function isRoleFault(code: string, message: string): boolean {
  return (code === PERMISSION || code === "22023") && message.includes(MEMORY_ROLE);
}

function withoutRole(message: string, cause: unknown): DuetMindError {
  const make = `CREATE ROLE ${MEMORY_ROLE} NOLOGIN NOBYPASSRLS (unless it is there)`;
  return new DuetMindError(
    "DATABASE_UNAVAILABLE",
    `database: expected a user who may take the role ${MEMORY_ROLE}, got: ${message}`,
    {
      hint: `let an administrator run: ${make}; GRANT ${MEMORY_ROLE} TO the user of DATABASE_URL`,
      cause,
    },
  );
}

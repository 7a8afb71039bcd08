/** Whom a connection to the embedded database may come as, and the plain role that clients get. */
export const CLIENT_USER = "duetmind";
export const OWNER_USER = "postgres";
export const CLIENT_ROLE = "duetmind_client";
export const EMBEDDED_DATABASE = "postgres";

/** The schema that holds every table of ours; `public` is where the extensions live. */
export const SEARCH_PATH = "duetmind,public";

/**
 * PGlite's own start parameters with our search path, so that DISCARD ALL comes back to it. One process,
 * no workers; -F leaves the flush to the operating system, as PGlite does (a killed process loses
 * nothing, a power cut may: docs/platforms.md).
 */
export const START_PARAMETERS: readonly string[] = [
  "--single",
  "-F",
  "-O",
  "-j",
  ...[
    `search_path=${SEARCH_PATH}`,
    "exit_on_error=false",
    "log_checkpoints=false",
    "max_worker_processes=0",
    "max_parallel_workers=0",
    "max_parallel_workers_per_gather=0",
    "max_parallel_maintenance_workers=0",
    "io_method=sync",
  ].flatMap((setting) => ["-c", setting]),
];

/** A transaction that says nothing for so long is rolled back: the backend is shared. */
export const IDLE_TRANSACTION_MS = 2_000;

/** Of the statements that are planned once for many values: more than the program has in use at a time. */
export const KEPT_STATEMENTS = 64;
/** A plan that was made for small tables is used no longer than this. */
export const KEEP_MS = 10_000;

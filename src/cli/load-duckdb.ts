import { loadDuckDb } from "../table/engine.ts";

const VARIABLE = "DUCKDB_JE_MALLOC_CONF";

/**
 * Loads DuckDB, with an allocator that gives freed memory back to the system after so many milliseconds. By
 * itself it keeps that for a second, and each thread keeps its own, in which a statement frees a hundred
 * megabytes above the memory limit: here all threads share what was freed. What it costs is the system's time
 * for pages that are asked for again. The allocator reads a variable of the environment when the library is
 * loaded, and never again: so the first to load it decides for the process, what the user set stays, and
 * no process that is started later inherits ours. Where DuckDB comes with another allocator nothing changes.
 */
export async function loadFrugalDuckDb(keepMs: number): Promise<void> {
  if (process.env[VARIABLE] !== undefined) return;
  process.env[VARIABLE] = `narenas:1,dirty_decay_ms:${keepMs},muzzy_decay_ms:0`;
  try {
    await loadDuckDb();
  } finally {
    delete process.env[VARIABLE];
  }
}

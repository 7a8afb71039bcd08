/** An error of DuckDB with its code, or the error itself when nothing is known about it. */
export function fromDuckDbError(error: unknown): unknown {
  return error;
}

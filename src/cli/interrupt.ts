/** Turns SIGINT and SIGTERM into an abort, so that work ends at its next safe point. A second one kills. */
export function onInterrupt(): Readonly<{ signal: AbortSignal; close(): void }> {
  const controller = new AbortController();
  const abort = () => {
    close();
    controller.abort();
  };
  function close(): void {
    process.off("SIGINT", abort);
    process.off("SIGTERM", abort);
  }
  process.on("SIGINT", abort);
  process.on("SIGTERM", abort);
  return { signal: controller.signal, close };
}

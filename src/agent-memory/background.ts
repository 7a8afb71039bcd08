/** Work that goes on behind the calls: one run at a time, started again when it is woken meanwhile. */
export type Background = Readonly<{
  wake(): void;
  /** Ends after what is under way; what is left waits for the next process. */
  close(): Promise<void>;
}>;

export function createBackground(
  work: (signal: AbortSignal) => Promise<unknown>,
  report: (error: unknown) => void,
): Background {
  const stopping = new AbortController();
  let running: Promise<void> | undefined;
  let isWoken = false;

  async function run(): Promise<void> {
    while (isWoken && !stopping.signal.aborted) {
      isWoken = false;
      await work(stopping.signal).catch(report);
    }
    running = undefined;
  }

  return {
    wake() {
      isWoken = true;
      running ??= run();
    },
    async close() {
      stopping.abort();
      await running;
    },
  };
}

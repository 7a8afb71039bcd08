import { existsSync } from "node:fs";
import { Worker } from "node:worker_threads";
import { builtFile } from "./built-file.ts";
import { DuetMindError } from "./errors.ts";

/**
 * The one place that starts a worker thread. A worker is a built file of dist/, also when the caller
 * runs from source (tsx, vitest): Node 20 cannot load TypeScript in a worker.
 *
 * The conversation is small: both sides post messages, and whoever waits for one is told when the
 * worker ends instead.
 */
export type WorkerThread<Request, Reply> = Readonly<{
  post(message: Request): void;
  /** The next message that `accept` takes; rejects when the worker ends first. */
  next<T extends Reply>(accept: (message: Reply) => message is T): Promise<T>;
  /** Lets the process end without waiting for the thread, until `ref`. */
  unref(): void;
  ref(): void;
}>;

/** Starts `dist/<name>.js`, for example `startWorker("store/embedded-worker", { folder })`. */
export function startWorker<Request, Reply>(
  name: string,
  workerData: unknown,
): WorkerThread<Request, Reply> {
  // The caller's own flags (--input-type, a loader) are none of a built file's business.
  const worker = new Worker(workerFile(name), { workerData, execArgv: [] });
  const received: Reply[] = [];
  let listeners: (() => void)[] = [];
  let failure: Error | undefined;
  let over = false;
  const wake = () => {
    const woken = listeners;
    listeners = [];
    for (const listener of woken) listener();
  };
  worker.on("message", (message: Reply) => {
    received.push(message);
    wake();
  });
  worker.on("error", (error) => {
    failure = error instanceof Error ? error : new Error(String(error));
  });
  worker.once("exit", () => {
    over = true;
    wake();
  });
  return {
    post: (message) => worker.postMessage(message),
    async next<T extends Reply>(accept: (message: Reply) => message is T): Promise<T> {
      for (;;) {
        const at = received.findIndex(accept);
        if (at >= 0) return received.splice(at, 1)[0] as T;
        if (over) throw failure ?? new Error(`worker ${name}: ended without an answer`);
        await new Promise<void>((resolve) => listeners.push(resolve));
      }
    },
    unref: () => worker.unref(),
    ref: () => worker.ref(),
  };
}

function workerFile(name: string): string {
  const file = builtFile(`${name}.js`);
  if (!existsSync(file)) {
    throw new DuetMindError("PART_MISSING", `${file}: expected the built worker, got no file`, {
      hint: "run npm run build",
    });
  }
  return file;
}

/**
 * Lets a process exit while a thread of it embeds. At exit Node stops its threads wherever they are,
 * and the native ONNX Runtime answers with an abort of the whole process, whatever its status was to
 * be. So a thread passes this gate before each call, and the exit waits until it has left.
 */
export type ExitGate = Int32Array<SharedArrayBuffer>;

const FREE = 0;
const INSIDE = 1;
const SHUT = 2;
/** Longer than any text takes; a thread that hangs does not keep the process. */
const MOST_MS = 10_000;

export function createExitGate(): ExitGate {
  return new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
}

/** In the thread: one call at a time. Where the gate is shut, nothing happens any more. */
export async function passGate<T>(gate: ExitGate, work: () => Promise<T>): Promise<T> {
  if (Atomics.compareExchange(gate, 0, FREE, INSIDE) === SHUT) return new Promise<T>(() => {});
  try {
    return await work();
  } finally {
    Atomics.store(gate, 0, FREE);
    Atomics.notify(gate, 0);
  }
}

/** In the thread that exits: blocks until nobody is inside, and lets nobody in. */
export function shutGate(gate: ExitGate): void {
  while (Atomics.compareExchange(gate, 0, FREE, SHUT) === INSIDE) {
    if (Atomics.wait(gate, 0, INSIDE, MOST_MS) === "timed-out") return;
  }
}

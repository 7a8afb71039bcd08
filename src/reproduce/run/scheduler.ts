/**
 * Runs steps that wait for others, several at a time. Of the steps that could start, the one that a
 * serial run would do first starts first, so one job at a time is exactly the serial run.
 *
 *     a ─ b ─ d        jobs 1:  a b c d
 *       └ c ─┘         jobs 2:  a, then b and c together, then d
 */
export type Step = Readonly<{ name: string; after: readonly string[] }>;

export type StepEnd = "done" | "failed";

/** What a failed step means for the others: nothing more starts, what needs it is left out, or nothing. */
export type OnError = "stop" | "keep-going" | "ignore";

export type Schedule = Readonly<{
  /** In the order of a serial run: each step after those it waits for. */
  steps: readonly Step[];
  jobs: number;
  onError: OnError;
  /** `isAlone`: nothing else runs or can start before this step has ended. */
  run(name: string, isAlone: boolean): Promise<StepEnd>;
}>;

export type ScheduleEnd = Readonly<{
  /** Steps left out because one before them failed. */
  blocked: readonly string[];
}>;

/** A step that throws ends the schedule: the others that run come to their end, then the error goes on. */
export async function runSchedule(schedule: Schedule): Promise<ScheduleEnd> {
  const { steps, jobs, onError } = schedule;
  const place = new Map(steps.map(({ name }, i) => [name, i]));
  const waitsFor = steps.map(({ after }) => after.filter((name) => place.has(name)).length);
  const dependents = new Map<string, number[]>();
  steps.forEach(({ after }, i) => {
    for (const name of after) {
      const known = dependents.get(name);
      if (known !== undefined) known.push(i);
      else if (place.has(name)) dependents.set(name, [i]);
    }
  });
  const ready = createQueue();
  waitsFor.forEach((count, i) => {
    if (count === 0) ready.add(i);
  });
  const blocked = new Set<number>();
  const errors: Readonly<{ place: number; error: unknown }>[] = [];
  let running = 0;
  let isStopped = false;

  const release = (name: string) => {
    for (const i of dependents.get(name) ?? []) {
      waitsFor[i]! -= 1;
      if (waitsFor[i] === 0 && !blocked.has(i)) ready.add(i);
    }
  };
  const block = (failed: string) => {
    const names = [failed];
    for (let name = names.pop(); name !== undefined; name = names.pop()) {
      for (const i of dependents.get(name) ?? []) {
        if (blocked.has(i)) continue;
        blocked.add(i);
        names.push(steps[i]!.name);
      }
    }
  };

  await new Promise<void>((resolve) => {
    const startMore = () => {
      while (!isStopped && running < jobs && ready.size() > 0) void start(ready.take());
      if (running === 0) resolve();
    };
    const start = async (i: number) => {
      running += 1;
      const { name } = steps[i]!;
      try {
        const end = await schedule.run(name, running === 1 && ready.size() === 0);
        if (end === "done" || onError === "ignore") release(name);
        else if (onError === "keep-going") block(name);
        else isStopped = true;
      } catch (error) {
        errors.push({ place: i, error });
        isStopped = true;
      }
      running -= 1;
      startMore();
    };
    startMore();
  });
  if (errors.length > 0) throw errors.sort((a, b) => a.place - b.place)[0]!.error;
  return { blocked: steps.filter((_, i) => blocked.has(i)).map(({ name }) => name) };
}

/** Places in a serial run, the earliest first: a binary heap. */
function createQueue() {
  const heap: number[] = [];
  const swap = (i: number, j: number) => {
    [heap[i], heap[j]] = [heap[j]!, heap[i]!];
  };
  return {
    size: () => heap.length,
    add(place: number) {
      heap.push(place);
      for (let i = heap.length - 1; i > 0; ) {
        const parent = (i - 1) >> 1;
        if (heap[parent]! <= heap[i]!) return;
        swap(i, parent);
        i = parent;
      }
    },
    take(): number {
      const first = heap[0]!;
      const last = heap.pop()!;
      if (heap.length === 0) return first;
      heap[0] = last;
      for (let i = 0; ; ) {
        const [left, right] = [2 * i + 1, 2 * i + 2];
        let least = i;
        if (left < heap.length && heap[left]! < heap[least]!) least = left;
        if (right < heap.length && heap[right]! < heap[least]!) least = right;
        if (least === i) return first;
        swap(i, least);
        i = least;
      }
    },
  };
}

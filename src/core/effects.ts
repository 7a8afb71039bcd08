import { type Clock, systemClock } from "./clock.ts";
import { type Files, nodeFiles } from "./files.ts";
import { type Progress, silentProgress } from "./progress.ts";

/** The world, passed as the last argument. */
export type Effects = Readonly<{
  clock: Clock;
  files: Files;
  progress: Progress;
  /** Aborted when the person presses Ctrl-C or the process is asked to end. */
  signal: AbortSignal;
}>;

export const realEffects: Effects = {
  clock: systemClock,
  files: nodeFiles,
  progress: silentProgress,
  signal: new AbortController().signal,
};

/**
 * Handles the errors of an output stream. A reader that has seen enough, as `head` has, is none: nothing
 * more is written, the work goes on, and the exit status stays what the command came to.
 */
export function passClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== "EPIPE") throw error;
}

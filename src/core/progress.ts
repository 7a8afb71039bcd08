/**
 * Progress of long work. Library code reports to a Progress; the CLI chooses what a person sees:
 * a bar on a terminal, plain lines elsewhere, notes alone with --json, nothing with --quiet.
 */
export type Task = Readonly<{
  /** So many more units are done. */
  advance(units: number): void;
  /** The task has ended; `summary` replaces its line. */
  done(summary?: string): void;
}>;

export type Progress = Readonly<{
  /** Begins a task of `total` units; undefined when the total is not known. */
  start(label: string, total?: number, unit?: string): Task;
  /** One line for the person. */
  note(line: string): void;
}>;

export const silentProgress: Progress = {
  start: () => ({ advance: () => {}, done: () => {} }),
  note: () => {},
};

type Output = Readonly<{ write(text: string): unknown }>;

/** Plain lines: one when a task ends, and one for each tenth of a long task. */
export function plainProgress(output: Output): Progress {
  return {
    start(label, total, unit = "") {
      let units = 0;
      let tenth = 0;
      return {
        advance(more) {
          units += more;
          if (total === undefined || total < 10) return;
          const now = Math.floor((units / total) * 10);
          if (now > tenth && now < 10)
            output.write(`${label}: ${now * 10} % of ${total} ${unit}\n`);
          tenth = Math.max(tenth, now);
        },
        done: (summary) => output.write(`${label}: ${summary ?? "done"}\n`),
      };
    },
    note: (line) => output.write(`${line}\n`),
  };
}

/** A bar that redraws its line in place. */
export function barProgress(output: Output, width = 30): Progress {
  return {
    start(label, total, unit = "") {
      let units = 0;
      let drawn = -1;
      const draw = () => {
        const share = total === undefined || total === 0 ? 0 : Math.min(1, units / total);
        const filled = Math.round(share * width);
        if (filled === drawn) return;
        drawn = filled;
        const bar = "█".repeat(filled) + "░".repeat(width - filled);
        output.write(
          `\r\u001b[K${label} ${bar} ${units}${total === undefined ? "" : `/${total}`} ${unit}`,
        );
      };
      draw();
      return {
        advance(more) {
          units += more;
          draw();
        },
        done: (summary) => output.write(`\r\u001b[K${label}: ${summary ?? "done"}\n`),
      };
    },
    note: (line) => output.write(`\r\u001b[K${line}\n`),
  };
}

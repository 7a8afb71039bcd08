import { existsSync, realpathSync } from "node:fs";
import { resolve } from "node:path";
import { DuetMindError } from "../core/errors.ts";

/** Option, such as `--output` → the file that it names. */
export type Outputs = Readonly<Record<string, string | undefined>>;

/** Throws USAGE where a command would write over what it reads, or two things to one file. */
export function checkOutputs(outputs: Outputs, inputs: readonly string[], cwd: string): void {
  const taken = new Map(inputs.map((path) => [realPath(cwd, path), "what is read"]));
  for (const [option, path] of Object.entries(outputs)) {
    if (path === undefined) continue;
    const real = realPath(cwd, path);
    const by = taken.get(real);
    if (by !== undefined) {
      throw new DuetMindError(
        "USAGE",
        `${option}: expected a file of its own, got ${path}, which is ${by}`,
        { file: path, hint: "name another file" },
      );
    }
    taken.set(real, `that of ${option}`);
  }
}

function realPath(cwd: string, path: string): string {
  const absolute = resolve(cwd, path);
  return existsSync(absolute) ? realpathSync(absolute) : absolute;
}

import type { Effects } from "../core/effects.ts";
import type { Environment } from "../core/environment.ts";

/** What a command may know of the process it runs in. */
export type CliContext = Readonly<{
  cwd: string;
  env: Environment;
  effects: Effects;
  /** True when the person asked for --json: nothing but the document may reach stdout. */
  json: boolean;
}>;

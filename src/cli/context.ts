import type { Writable } from "node:stream";
import type { Effects } from "../core/effects.ts";
import type { Environment } from "../core/environment.ts";
import type { CommandResult } from "./command.ts";

/** What a command may know of the process it runs in. */
export type CliContext = Readonly<{
  cwd: string;
  env: Environment;
  effects: Effects;
  /** True when the person asked for --json: nothing but the document may reach stdout. */
  json: boolean;
  /** Asks the person a question of yes or no; where nobody can answer, it is no. */
  confirm(question: string): Promise<boolean>;
  /** Prints a result at once, for a command that then goes on running; it is not printed again. */
  announce(result: CommandResult): void;
  /** Prints lines as they come, for a command whose result is a stream of them: it returns this. */
  stream(lines: AsyncIterable<string>): Promise<CommandResult>;
  /** Where a long-running command writes its log. */
  log: Writable;
}>;

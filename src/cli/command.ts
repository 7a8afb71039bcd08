import type { Command } from "commander";
import type { CliContext } from "./context.ts";

/** What a command has to say: one JSON document for scripts and a text for people. */
export type CommandResult = Readonly<{
  json: unknown;
  text: string;
  /** The document as text, where it holds what JSON.stringify cannot spell: 1.0 or NaN. */
  jsonText?: string;
  /** The text is printed to its last line break, as the tool prints it whose text this is. */
  isVerbatim?: boolean;
  /** 1 when a check failed; every other failure is thrown as a DuetMindError. */
  exitCode?: 0 | 1;
}>;

export type Invocation = Readonly<{
  args: readonly string[];
  options: Readonly<Record<string, unknown>>;
}>;

/**
 * One command. It returns its result and never prints: `cli/main.ts` writes to stdout once, as JSON
 * with `--json`, else as text. `--json` and `--quiet` are added to every command.
 */
export type CommandDefinition = Readonly<{
  name: string;
  summary: string;
  /** Shown under "Examples:" in --help; one command line each. */
  examples: readonly string[];
  configure?(command: Command): void;
  run?(invocation: Invocation, context: CliContext): Promise<CommandResult>;
  subcommands?: readonly CommandDefinition[];
}>;

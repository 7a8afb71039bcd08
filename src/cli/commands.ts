import type { CommandDefinition } from "./command.ts";

export type CommandEntry = Readonly<{
  summary: string;
  aliases?: readonly string[];
  load(): Promise<CommandDefinition>;
}>;

/** Every command, loaded at first use: `--version` and `--help` must not pay for the engines. */
export const COMMANDS: Readonly<Record<string, CommandEntry>> = {
  config: {
    summary: "Print the effective settings and where each came from",
    load: async () => (await import("./commands/config.ts")).command,
  },
  reproduce: {
    summary: "Run the stages of dvc.yaml that changed, and register what they made",
    aliases: ["repro"],
    load: async () => (await import("./commands/reproduce.ts")).command,
  },
};

import { EventEmitter, once } from "node:events";
import { Writable } from "node:stream";
import { Command, CommanderError, Option } from "commander";
import { systemClock } from "../core/clock.ts";
import { fromDatabaseFault } from "../core/database-fault.ts";
import type { Environment } from "../core/environment.ts";
import { DuetMindError } from "../core/errors.ts";
import { nodeFiles } from "../core/files.ts";
import { toJsonText } from "../core/json-text.ts";
import { nearestName } from "../core/nearest.ts";
import { barProgress, type Progress, plainProgress, silentProgress } from "../core/progress.ts";
import { VERSION } from "../core/version.ts";
import { createAsker, type Input } from "./asker.ts";
import type { CommandDefinition, CommandResult } from "./command.ts";
import { COMMANDS } from "./commands.ts";
import type { CliContext } from "./context.ts";
import { onInterrupt } from "./interrupt.ts";

type Output = Readonly<{ isTTY?: boolean; write(text: string): unknown }>;

/** Waits for a reader that is slower than we are, and no longer for one that has gone. */
async function write(output: Output, text: string): Promise<void> {
  if (output.write(text) !== false || !(output instanceof EventEmitter)) return;
  const over = [once(output, "drain"), once(output, "close")];
  await Promise.race(over).catch(() => {}); // an error of the stream is for its own handler
}

export type CliProcess = Readonly<{
  argv: readonly string[];
  env: Environment;
  cwd: string;
  /** Where a person answers; none: there is nobody. */
  stdin?: () => Input;
  stdout: Output;
  stderr: Output;
}>;

/** Runs one command line and returns its exit status; prints exactly one document with --json. */
export async function runCli(process: CliProcess): Promise<number> {
  const cli = { ...process, argv: withHelp(process.argv) };
  const json = cli.argv.includes("--json");
  let result: CommandResult | undefined;
  try {
    const program = await buildProgram(cli, json, (value) => {
      result = value;
    });
    await program.parseAsync([...cli.argv], { from: "user" });
  } catch (error) {
    return reportError(error, cli, json);
  }
  if (result === undefined) return 0; // help or version, printed by commander
  if (!announced.has(result)) printResult(result, cli, json);
  return result.exitCode ?? 0;
}

/** Results that were printed while their command still ran. */
const announced = new WeakSet<CommandResult>();

function printResult(result: CommandResult, cli: CliProcess, json: boolean): void {
  if (json) cli.stdout.write(`${result.jsonText ?? toJsonText(result.json)}\n`);
  else if (result.isVerbatim === true) cli.stdout.write(result.text);
  else if (result.text !== "") cli.stdout.write(`${result.text.replace(/\n+$/, "")}\n`);
}

/** No words, and `help COMMAND`, ask for the same as `--help`. */
function withHelp(argv: readonly string[]): readonly string[] {
  if (argv.length === 0) return ["--help"];
  return argv[0] === "help" ? [...argv.slice(1), "--help"] : argv;
}

/** The catch-all of the command line: a known error keeps its code, anything else is a bug. */
function reportError(error: unknown, cli: CliProcess, json: boolean): number {
  if (error instanceof CommanderError && error.exitCode === 0) return 0;
  const known = toKnownError(error);
  if (json) cli.stdout.write(`${JSON.stringify({ error: known.toJSON() })}\n`);
  const hint = known.details.hint === undefined ? "" : `\n  hint: ${known.details.hint}`;
  cli.stderr.write(`error: ${known.message}${hint}\n`);
  if (known.code === "INTERNAL") {
    cli.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  }
  return known.exitCode;
}

function toKnownError(error: unknown): DuetMindError {
  if (error instanceof DuetMindError) return error;
  if (error instanceof CommanderError) {
    return new DuetMindError("USAGE", error.message.replace(/^error: /, ""), {
      hint: "run the command with --help for its options",
    });
  }
  const fault = fromDatabaseFault(error);
  if (fault !== undefined) return fault;
  return new DuetMindError("INTERNAL", "internal error: this is a bug in DuetMind", {
    cause: error,
  });
}

async function buildProgram(
  cli: CliProcess,
  json: boolean,
  finish: (result: CommandResult) => void,
): Promise<Command> {
  const program = quietCommand(new Command("duetmind"), cli, json)
    .description("From raw data to a governed model, from one npm package.")
    .version(VERSION, "-v, --version", "print the version")
    .addHelpText(
      "after",
      "\nExample:\n  $ duetmind init demo --sample alzheimer && cd demo && duetmind reproduce",
    )
    .helpCommand(false);
  const asked = cli.argv.find((word) => !word.startsWith("-"));
  const names = Object.entries(COMMANDS);
  const isNamedFirst = names.some(([name, { aliases = [] }]) =>
    [name, ...aliases].includes(cli.argv[0]!),
  );
  for (const [name, entry] of names) {
    const isAsked = asked === name || (entry.aliases ?? []).includes(asked ?? "");
    if (isNamedFirst && !isAsked) continue; // the others are for the help, and for names that are wrong
    if (isAsked) {
      const built = buildCommand(await entry.load(), cli, json, finish);
      program.addCommand(built.aliases([...(entry.aliases ?? [])]));
    } else {
      program.command(name).summary(entry.summary).description(entry.summary);
    }
  }
  if (asked !== undefined) rejectUnknown(asked, names);
  return program;
}

function rejectUnknown(
  asked: string,
  entries: readonly (readonly [string, { aliases?: readonly string[] }])[],
) {
  const known = entries.flatMap(([name, entry]) => [name, ...(entry.aliases ?? [])]);
  if (known.includes(asked)) return;
  const near = nearestName(asked, known);
  throw new DuetMindError("USAGE", `duetmind: expected a known command, got "${asked}"`, {
    hint:
      near === undefined
        ? "run duetmind --help for the commands"
        : `did you mean "duetmind ${near}"?`,
  });
}

function buildCommand(
  definition: CommandDefinition,
  cli: CliProcess,
  json: boolean,
  finish: (result: CommandResult) => void,
): Command {
  const command = quietCommand(new Command(definition.name), cli, json)
    .summary(definition.summary)
    .description(definition.summary)
    .helpCommand(false)
    .addHelpText(
      "after",
      `\nExamples:\n${definition.examples.map((line) => `  $ ${line}`).join("\n")}`,
    );
  definition.configure?.(command);
  for (const sub of definition.subcommands ?? [])
    command.addCommand(buildCommand(sub, cli, json, finish));
  const { run } = definition;
  if (run === undefined) return command;
  command.addOption(new Option("--json", "print one JSON document"));
  if (command.options.every(({ long }) => long !== "--quiet")) {
    command.addOption(new Option("-q, --quiet", "no progress, only the result"));
  }
  command.action(async (...given: unknown[]) => {
    const self = given.at(-1) as Command;
    const options = self.opts<Record<string, unknown>>();
    finish(await runInContext(run, self, options, cli, json));
  });
  return command;
}

async function runInContext(
  run: NonNullable<CommandDefinition["run"]>,
  command: Command,
  options: Readonly<Record<string, unknown>>,
  cli: CliProcess,
  json: boolean,
): Promise<CommandResult> {
  const interrupt = onInterrupt();
  const asker = createAsker(cli.stdin, cli.stderr, interrupt.signal);
  const context: CliContext = {
    cwd: cli.cwd,
    env: cli.env,
    json,
    confirm: asker.confirm,
    announce(result) {
      announced.add(result);
      printResult(result, cli, json);
    },
    async stream(lines) {
      for await (const line of lines) await write(cli.stdout, `${line}\n`);
      const result = { json: null, text: "" };
      announced.add(result);
      return result;
    },
    log: new Writable({
      write(chunk: Buffer, _encoding, done) {
        cli.stderr.write(chunk.toString("utf8"));
        done();
      },
    }),
    effects: {
      clock: systemClock,
      files: nodeFiles,
      progress: chooseProgress(cli, json, options["quiet"] === true),
      signal: interrupt.signal,
    },
  };
  try {
    return await run({ args: command.args, options }, context);
  } finally {
    asker.close();
    interrupt.close();
  }
}

function chooseProgress(cli: CliProcess, json: boolean, quiet: boolean): Progress {
  if (quiet) return silentProgress;
  // a program that reads the document should not lose a warning
  if (json) return { ...silentProgress, note: plainProgress(cli.stderr).note };
  return cli.stderr.isTTY === true ? barProgress(cli.stderr) : plainProgress(cli.stderr);
}

/** Commander throws instead of exiting, and keeps its errors for the catch-all. */
function quietCommand(command: Command, cli: CliProcess, json: boolean): Command {
  return command.exitOverride().configureOutput({
    writeOut: (text) => cli.stdout.write(json ? `${JSON.stringify({ help: text })}\n` : text),
    writeErr: () => {},
  });
}

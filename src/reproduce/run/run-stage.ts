import { spawn } from "node:child_process";
import { rm } from "node:fs/promises";
import { basename } from "node:path";
import type { Readable } from "node:stream";
import type { Environment } from "../../core/environment.ts";
import { fromWriteError } from "../../core/errors.ts";
import { commandLines, resolvePath, type Stage } from "../pipeline/stage.ts";

/** Where the output of stages goes: to our stderr, because stdout is for the result, or nowhere. */
export type StageOutput = "ignore" | Readonly<{ fd: number; write(text: string): unknown }>;

export type StageRun = Readonly<{
  env: Environment;
  output: StageOutput;
  /** Nothing else runs: the stage writes for itself, else each of its lines gets its name. */
  isAlone: boolean;
  signal: AbortSignal;
  /** Told of each shell: it leads a process group of its own. */
  onStart(pid: number): void;
  /** Told of each line before it runs. */
  onLine(line: string): void;
}>;

/** Runs the lines of a stage, each by a shell of its own; the first failure stops. Returns its exit code. */
export async function runStageCommand(stage: Stage, run: StageRun): Promise<number> {
  for (const line of commandLines(stage)) {
    run.onLine(line);
    const code = await runLine(stage, line, run);
    if (code !== 0) return code;
  }
  return 0;
}

/** Removes what the stage will make, so that an out that stands there afterwards is its own. */
export async function removeOuts(stage: Stage): Promise<void> {
  for (const out of stage.outs) {
    if (out.isPersistent) continue;
    const path = resolvePath(stage, out.path);
    try {
      await rm(path, { recursive: true, force: true });
    } catch (error) {
      throw fromWriteError(error, path);
    }
  }
}

const SHELL_OPTIONS: Readonly<Record<string, readonly string[]>> = {
  bash: ["--noprofile", "--norc"],
  zsh: ["--no-rcs"],
};

function runLine(stage: Stage, line: string, run: StageRun): Promise<number> {
  const shell = run.env["SHELL"] || "/bin/sh";
  const options = SHELL_OPTIONS[basename(shell)] ?? [];
  const { output } = run;
  const isPiped = output !== "ignore" && !run.isAlone;
  const stdio = output === "ignore" ? "ignore" : isPiped ? "pipe" : output.fd;
  return new Promise((resolve, reject) => {
    const child = spawn(shell, [...options, "-c", line], {
      cwd: stage.folder,
      env: { ...run.env },
      stdio: ["ignore", stdio, stdio],
      detached: true, // a group of its own, so that an interrupt ends all that the shell started
    });
    if (child.pid !== undefined) run.onStart(child.pid);
    if (isPiped) {
      for (const stream of [child.stdout, child.stderr]) {
        if (stream !== null) writeLines(stream, `${stage.address} | `, output.write);
      }
    }
    const interrupt = () => {
      if (child.pid !== undefined) endGroup(child.pid);
    };
    run.signal.addEventListener("abort", interrupt, { once: true });
    if (run.signal.aborted) interrupt();
    child.once("error", (error) => {
      run.signal.removeEventListener("abort", interrupt);
      reject(error);
    });
    child.once("close", (code, signal) => {
      run.signal.removeEventListener("abort", interrupt);
      resolve(code ?? SIGNAL_CODES[signal ?? ""] ?? 128);
    });
  });
}

/** Whole lines only, so that those of two stages do not run into each other. */
function writeLines(stream: Readable, prefix: string, write: (text: string) => unknown): void {
  let rest = "";
  stream.setEncoding("utf8");
  stream.on("data", (chunk: string) => {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop()!;
    if (lines.length > 0) write(lines.map((text) => `${prefix}${text}\n`).join(""));
  });
  stream.once("end", () => {
    if (rest !== "") write(`${prefix}${rest}\n`);
  });
}

/** A shell's own numbers for a child that a signal ended. */
const SIGNAL_CODES: Readonly<Record<string, number>> = { SIGINT: 130, SIGKILL: 137, SIGTERM: 143 };

function endGroup(pid: number): void {
  try {
    process.kill(-pid, "SIGTERM");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error; // already gone
  }
}

import { spawn } from "node:child_process";
import { rm } from "node:fs/promises";
import { basename } from "node:path";
import type { Environment } from "../../core/environment.ts";
import { fromWriteError } from "../../core/errors.ts";
import { commandLines, resolvePath, type Stage } from "../pipeline/stage.ts";

/** Where a stage's own output goes: to our stderr, because stdout is for the result, or nowhere. */
export type StageOutput = "stderr" | "ignore";

export type StageRun = Readonly<{ env: Environment; output: StageOutput; signal: AbortSignal }>;

/** Runs the lines of a stage, each by a shell of its own; the first failure stops. Returns its exit code. */
export async function runStageCommand(stage: Stage, run: StageRun): Promise<number> {
  for (const line of commandLines(stage)) {
    const code = await runLine(line, stage.folder, run);
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

function runLine(line: string, folder: string, run: StageRun): Promise<number> {
  const shell = run.env["SHELL"] || "/bin/sh";
  const options = SHELL_OPTIONS[basename(shell)] ?? [];
  const output = run.output === "stderr" ? 2 : "ignore";
  return new Promise((resolve, reject) => {
    const child = spawn(shell, [...options, "-c", line], {
      cwd: folder,
      env: { ...run.env },
      stdio: ["ignore", output, output],
      detached: true, // a group of its own, so that an interrupt ends all that the shell started
    });
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

/** A shell's own numbers for a child that a signal ended. */
const SIGNAL_CODES: Readonly<Record<string, number>> = { SIGINT: 130, SIGKILL: 137, SIGTERM: 143 };

function endGroup(pid: number): void {
  try {
    process.kill(-pid, "SIGTERM");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error; // already gone
  }
}

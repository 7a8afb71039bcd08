import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Environment } from "../../src/core/environment.ts";
import { atEnd } from "./database.ts";

const BIN = join(import.meta.dirname, "..", "..", "bin", "duetmind.js");

export type ServedCommand = Readonly<{
  /** Such as http://127.0.0.1:40001. */
  url: string;
  /** The document that `--json` printed when the server listened. */
  started: Readonly<Record<string, unknown>>;
  process: ChildProcess;
  stderr(): string;
  /** Sends a signal and gives the exit status, null when the signal killed it. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}>;

/** Starts the built `duetmind serve` in a folder, on a free port; stopped when the file ends. */
export async function serve(
  cwd: string,
  argv: readonly string[] = [],
  env: Environment = {},
): Promise<ServedCommand> {
  const child = spawn(process.execPath, [BIN, "serve", "--port", "0", "--json", ...argv], {
    cwd,
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stderr = "";
  child.stderr.on("data", (chunk: Buffer) => {
    stderr += chunk.toString("utf8");
  });
  const exited = once(child, "exit") as Promise<[number | null]>;
  atEnd(async () => {
    child.kill("SIGKILL");
    await exited;
  });
  const lines = createInterface({ input: child.stdout });
  const first = await Promise.race([once(lines, "line") as Promise<[string]>, exited]);
  if (typeof first[0] !== "string") throw new Error(`serve ended with ${first[0]}: ${stderr}`);
  const started = JSON.parse(first[0]) as Record<string, unknown>;
  return {
    url: started["url"] as string,
    started,
    process: child,
    stderr: () => stderr,
    async stop(signal = "SIGTERM") {
      child.kill(signal);
      return (await exited)[0];
    },
  };
}

import { spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";

const MAIN = join(import.meta.dirname, "..", "..", "bin", "duetmind.js");

export type DuetmindServer = Readonly<{ url: string; pid: number; stop(): Promise<number | null> }>;

/** The built `duetmind serve` of a project on a free port of loopback; `stop` gives its exit code. */
export async function startDuetmind(
  cwd: string,
  env: Readonly<Record<string, string>> = {},
): Promise<DuetmindServer> {
  const server = spawn(process.execPath, [MAIN, "serve", "--port", "0", "--json"], {
    cwd,
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stderr = "";
  server.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const ended = new Promise<number | null>((resolve) => server.once("exit", resolve));
  const url = await new Promise<string>((resolve, reject) => {
    createInterface(server.stdout).once("line", (line) => {
      resolve((JSON.parse(line) as { url: string }).url);
    });
    void ended.then((code) => reject(new Error(`duetmind serve: ended with ${code}: ${stderr}`)));
  });
  return {
    url,
    pid: server.pid!,
    stop() {
      server.kill("SIGTERM");
      return ended;
    },
  };
}

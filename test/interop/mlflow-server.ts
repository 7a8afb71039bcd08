import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "./free-port.ts";
import { pythonEnvironment } from "./python-environment.ts";

const START_TIMEOUT_MS = 180_000;

export type MlflowServer = Readonly<{ url: string; pid: number; stop(): Promise<void> }>;

/**
 * A real `mlflow server` of one worker on loopback, in a folder of its own that `stop` removes. Its
 * store is a SQLite file, unless a SQLAlchemy URL names another.
 */
export async function startMlflowServer(
  storeUri?: string,
  env: Readonly<Record<string, string>> = {},
): Promise<MlflowServer> {
  const { bin } = await pythonEnvironment("mlflow-server");
  const folder = mkdtempSync(join(tmpdir(), "duetmind-mlflow-"));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const server = spawn(
    join(bin, "mlflow"),
    [
      ...["server", "--host", "127.0.0.1", "--port", String(port), "--workers", "1"],
      ...["--backend-store-uri", storeUri ?? `sqlite:///${join(folder, "store.db")}`],
      ...["--artifacts-destination", join(folder, "artifacts"), "--serve-artifacts"],
    ],
    {
      cwd: folder,
      detached: true, // its children end with it, as one group
      stdio: "ignore",
      env: {
        ...process.env,
        PATH: `${bin}:${process.env["PATH"]}`,
        MLFLOW_DISABLE_TELEMETRY: "true",
        MLFLOW_SERVER_ENABLE_JOB_EXECUTION: "false",
        ...env,
      },
    },
  );
  const ended = new Promise<void>((resolve) => server.once("exit", () => resolve()));
  const stop = async () => {
    if (server.exitCode === null) process.kill(-server.pid!, "SIGTERM");
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await answered(server, `${url}/health`);
  } catch (error) {
    await stop();
    throw error;
  }
  return { url, pid: server.pid!, stop };
}

async function answered(server: ChildProcess, url: string): Promise<void> {
  const deadline = Date.now() + START_TIMEOUT_MS;
  for (;;) {
    const reply = await fetch(url).catch(() => undefined);
    if (reply?.ok === true) return;
    if (server.exitCode !== null) throw new Error(`mlflow server: ended with ${server.exitCode}`);
    if (Date.now() > deadline) throw new Error(`${url}: expected an answer, got a timeout`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

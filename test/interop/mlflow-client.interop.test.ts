import { execFile } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { temporaryFolder, testDatabaseEnv } from "../support/database.ts";
import { type ServedCommand, serve } from "../support/served.ts";
import { type PythonEnvironment, pythonEnvironment } from "./python-environment.ts";

const run = promisify(execFile);
const MAIN = join(import.meta.dirname, "..", "..", "bin", "duetmind.js");
const SCRIPTS = import.meta.dirname;

let client: PythonEnvironment;
let client2: PythonEnvironment;
beforeAll(async () => {
  client = await pythonEnvironment("mlflow-client");
  client2 = await pythonEnvironment("mlflow-2");
});

const onPostgresql = await testDatabaseEnv();

describe.each([
  ["PGlite", {}],
  ["PostgreSQL", onPostgresql],
])("MLflow's own client on %s", (_, databaseEnv: Readonly<Record<string, string>>) => {
  const root = temporaryFolder();
  let server: ServedCommand;
  let env: Readonly<Record<string, string>>;
  beforeAll(async () => {
    await duetmind(root, "init", ".", "--sample", "alzheimer");
    await duetmind(root, "reproduce");
    server = await serve(root, [], databaseEnv);
    env = {
      MLFLOW_TRACKING_URI: server.url,
      MLFLOW_DISABLE_TELEMETRY: "true",
      MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR: "false",
      MLFLOW_HTTP_REQUEST_MAX_RETRIES: "1", // a wrong 500 must fail, not hang
      GIT_PYTHON_REFRESH: "quiet",
    };
  });
  afterAll(async () => {
    expect(await server?.stop()).toBe(0);
  });

  async function duetmind(cwd: string, ...args: string[]) {
    const options = { cwd, env: { ...process.env, ...databaseEnv }, maxBuffer: 1 << 26 };
    const { stdout } = await run(process.execPath, [MAIN, ...args, "--json"], options);
    return JSON.parse(stdout) as Record<string, unknown>;
  }

  async function python(environment: PythonEnvironment, args: readonly string[]) {
    const options = { env: { ...process.env, ...env }, cwd: temporaryFolder(), maxBuffer: 1 << 26 };
    const { stdout } = await run(environment.python, [...args], options);
    return JSON.parse(stdout.slice(stdout.lastIndexOf("\n{") + 1)) as Record<string, unknown>;
  }

  test("3.17.2 runs a complete session", async () => {
    const script = join(SCRIPTS, "mlflow-client", "session.py");
    const steps = await python(client, [script, temporaryFolder()]);
    expect(Object.keys(steps).length).toBe(14);
    expect(steps).toEqual(Object.fromEntries(Object.keys(steps).map((step) => [step, "ok"])));
  });

  test("2.22.5 runs a short session", async () => {
    const script = join(SCRIPTS, "mlflow-2", "session.py");
    expect(await python(client2, [script, temporaryFolder()])).toEqual({
      version: "2.22.5",
      params: { a: "1", b: "x" },
      acc: 0.75,
      nan: true,
      history: ["model"],
      files: ["a.json", "model", "notes"],
      text: "hello",
      found: ["second"],
      versions: ["1"],
      loaded: {
        "runs:/RUN/model": true,
        "models:/two/1": true,
        "models:/two@best": true,
        "models:/two/Production": true,
      },
    });
  });

  test("its command line makes and lists experiments, runs and artifacts", async () => {
    const folder = temporaryFolder();
    const mlflow = async (...args: string[]) => {
      const options = { env: { ...process.env, ...env }, cwd: folder };
      return (await run(join(client.bin, "mlflow"), args, options)).stdout;
    };
    const made = await mlflow("experiments", "create", "--experiment-name", "by command");
    const id = /id (\d+)/.exec(made)![1]!;
    expect(await mlflow("experiments", "search")).toContain("by command");
    await mlflow("experiments", "rename", "--experiment-id", id, "--new-name", "renamed");
    await mlflow("experiments", "delete", "--experiment-id", id);
    expect(await mlflow("experiments", "search", "--view", "deleted_only")).toContain("renamed");
    await mlflow("experiments", "restore", "--experiment-id", id);
    const started = await fetch(`${server.url}/api/2.0/mlflow/runs/create`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ experiment_id: id, run_name: "listed", start_time: Date.now() }),
    });
    const { run: made1 } = (await started.json()) as { run: { info: { run_id: string } } };
    const runId = made1.info.run_id;
    expect(await mlflow("runs", "list", "--experiment-id", id)).toContain("listed");
    expect(JSON.parse(await mlflow("runs", "describe", "--run-id", runId))).toMatchObject({
      info: { run_id: runId, run_name: "listed" },
    });
    writeFileSync(join(folder, "note.txt"), "from the command line");
    await mlflow("artifacts", "log-artifact", "--local-file", "note.txt", "--run-id", runId);
    expect(JSON.parse(await mlflow("artifacts", "list", "--run-id", runId))).toMatchObject([
      { path: "note.txt", is_dir: false, file_size: 21 },
    ]);
    const down = [
      "--run-id",
      runId,
      "--artifact-path",
      "note.txt",
      "--dst-path",
      join(folder, "d"),
    ];
    await mlflow("artifacts", "download", ...down);
    expect(readFileSync(join(folder, "d", "note.txt"), "utf8")).toBe("from the command line");
    await mlflow("runs", "delete", "--run-id", runId);
    await mlflow("runs", "restore", "--run-id", runId);
    const csv = join(folder, "runs.csv");
    await mlflow("experiments", "csv", "--experiment-id", id, "--filename", csv);
    expect(readFileSync(csv, "utf8")).toContain(runId);
  });

  test("a model that DuetMind trained loads, and predicts as duetmind predict does, to 1e-6", async () => {
    const { models } = (await duetmind(root, "models")) as { models: { name: string }[] };
    const { name } = models[0]!;
    const data = join(root, "new.csv");
    await duetmind(root, "sample", "alzheimer", "--rows", "200", "--seed", "7", "--out", data);
    const out = join(root, "scores.csv");
    await duetmind(root, "predict", `${name}@1`, "--data", data, "--out", out);
    const ours = readCsv(out);
    const table = join(root, "table.json");
    writeFileSync(table, JSON.stringify(readCsv(data)));
    const script = join(SCRIPTS, "mlflow-client", "predict.py");
    const theirs = (await python(client, [script, `models:/${name}/1`, table])) as Table;
    expect(theirs.data.length).toBe(ours.data.length);
    for (const column of theirs.columns) {
      const [at, there] = [theirs.columns.indexOf(column), ours.columns.indexOf(column)];
      for (const [row, values] of theirs.data.entries()) {
        const [theirs1, ours1] = [values[at]!, ours.data[row]![there]!];
        if (typeof theirs1 === "number") {
          expect(Math.abs(theirs1 - Number(ours1))).toBeLessThanOrEqual(1e-6);
        } else expect(theirs1).toBe(String(ours1));
      }
    }
  });
});

type Table = Readonly<{ columns: string[]; data: (string | number | null)[][] }>;

/** A file without quotes: numbers are numbers, nothing is null. */
function readCsv(path: string): Table {
  const [head, ...rows] = readFileSync(path, "utf8").trimEnd().split("\n");
  const value = (text: string) =>
    text === "" ? null : Number.isNaN(Number(text)) ? text : Number(text);
  return { columns: head!.split(","), data: rows.map((row) => row.split(",").map(value)) };
}

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout } from "node:timers/promises";
import pg from "pg";
import { migrateUp } from "../src/store/migrate.ts";
import { startMlflowServer } from "../test/interop/mlflow-server.ts";
import { duetmind } from "./measure-process.ts";

/** A tracking server under test. */
export type TrackingServer = Readonly<{
  name: string;
  url: string;
  pid: number;
  stop(): Promise<void>;
}>;

const VARIABLE = "DUETMIND_TEST_DATABASE_URL";

/** A fresh database of the server that the interop tests start. */
export async function freshDatabase(name: string): Promise<string> {
  const client = new pg.Client(process.env[VARIABLE]!);
  await client.connect();
  await client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
  await client.query(`CREATE DATABASE ${name}`);
  await client.end();
  const url = new URL(process.env[VARIABLE]!);
  url.pathname = `/${name}`;
  return url.href;
}

/** `duetmind serve` on a migrated PostgreSQL database, or embedded where none is given. */
export async function startOurs(databaseUrl?: string): Promise<TrackingServer> {
  if (databaseUrl !== undefined) {
    const client = new pg.Client(databaseUrl);
    await client.connect();
    await migrateUp(client, new Date());
    await client.end();
  }
  const folder = mkdtempSync(join(tmpdir(), "duetmind-bench-"));
  const [command, ...words] = duetmind("serve", "--port", "0", "--json");
  const env = {
    ...process.env,
    ...(databaseUrl === undefined ? {} : { DATABASE_URL: databaseUrl }),
  };
  const child = spawn(command!, words, { cwd: folder, env, stdio: ["ignore", "pipe", "inherit"] });
  const [line] = (await once(createInterface({ input: child.stdout! }), "line")) as [string];
  const { url } = JSON.parse(line) as { url: string };
  return {
    name: databaseUrl === undefined ? "ours, embedded" : "ours, PostgreSQL",
    url,
    pid: child.pid!,
    async stop() {
      await end(child);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** MLflow's server on PostgreSQL, with the settings that let it take 16 writers. */
export async function startTheirs(databaseUrl: string): Promise<TrackingServer> {
  const uri = databaseUrl.replace(/^postgres(ql)?:/, "postgresql+psycopg2:");
  const server = await startMlflowServer(uri, { MLFLOW_SQLALCHEMYSTORE_POOL_SIZE: "32" });
  return { name: "mlflow server 3.17.2, PostgreSQL", ...server };
}

/** The process that every backend of the PostgreSQL server descends from. */
export async function postmasterPid(): Promise<number> {
  const client = new pg.Client(process.env[VARIABLE]!);
  await client.connect();
  const { rows } = await client.query<{ pid: number }>("SELECT pg_backend_pid() AS pid");
  const stat = readFileSync(`/proc/${rows[0]!.pid}/stat`, "utf8");
  await client.end();
  return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
}

/**
 * Gives the databases of the servers the statistics that autovacuum makes within a minute, and ends when
 * it has nothing left to do: what was written before is not counted for what comes.
 */
export async function atRest(): Promise<void> {
  const client = new pg.Client(process.env[VARIABLE]!);
  await client.connect();
  const { rows: databases } = await client.query<{ name: string }>(
    "SELECT datname AS name FROM pg_database WHERE datname LIKE 'bench\\_%'",
  );
  for (const { name } of databases) await analyze(name);
  for (let quiet = 0; quiet < 3; ) {
    const { rows } = await client.query<{ busy: boolean }>(
      "SELECT count(*) > 0 AS busy FROM pg_stat_activity WHERE backend_type = 'autovacuum worker'",
    );
    quiet = rows[0]!.busy ? 0 : quiet + 1;
    await setTimeout(300);
  }
  await client.end();
}

async function analyze(database: string): Promise<void> {
  const url = new URL(process.env[VARIABLE]!);
  url.pathname = `/${database}`;
  const client = new pg.Client(url.href);
  await client.connect();
  await client.query("ANALYZE");
  await client.end();
}

async function end(child: ChildProcess): Promise<void> {
  const ended = once(child, "exit");
  child.kill("SIGTERM");
  await ended;
}

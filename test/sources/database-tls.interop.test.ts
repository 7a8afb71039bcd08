import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseConnectionUrl } from "../../src/core/connection-url.ts";
import { connectMysql } from "../../src/sources/mysql-connection.ts";
import { type MariadbServer, mariadbMissing, startMariadb } from "../interop/mariadb-server.ts";
import { startTlsServer, type TlsServer } from "../interop/tls-postgresql.ts";
import { makeCertificate } from "../support/certificate.ts";
import { temporaryFolder } from "../support/database.ts";
import { fetchRows } from "./database-project.ts";

const MODES = ["disable", "allow", "prefer", "require", "verify-ca", "verify-full"] as const;
type Mode = (typeof MODES)[number];

/** Asks one question over a connection of a source; "refused" where it is not let in. */
async function answer(url: string, question: string): Promise<string> {
  const source = { database: { url: "LAB", query: question } };
  try {
    return (await fetchRows(source, { env: { LAB: url } })).rows[0]?.at(-1) ?? "";
  } catch (error) {
    expect(error).toMatchObject({ code: expect.stringMatching(/^SOURCE_(UNAVAILABLE|REFUSED)$/) });
    expect(JSON.stringify(error)).not.toContain("s3cret");
    return "refused";
  }
}

const missing = mariadbMissing();

describe.skipIf(missing !== undefined)(
  `MariaDB${missing === undefined ? "" : `: skipped, ${missing}`}`,
  () => {
    const folder = temporaryFolder();
    const authority = makeCertificate({ name: "Test authority" });
    const other = makeCertificate({ name: "Another authority" });
    const tls = { cert: join(folder, "server.crt"), key: join(folder, "server.key") };
    const [right, wrong] = [join(folder, "right.crt"), join(folder, "wrong.crt")];
    let server: MariadbServer;
    let plain: MariadbServer;

    function useCertificate(dns: string): void {
      const { cert, key } = makeCertificate({ name: "database", dns, issuer: authority });
      writeFileSync(tls.cert, cert);
      writeFileSync(tls.key, key);
    }

    beforeAll(async () => {
      chmodSync(folder, 0o755); // the server is another user
      writeFileSync(right, authority.cert);
      writeFileSync(wrong, other.cert);
      useCertificate("localhost");
      server = await startMariadb(tls);
      plain = await startMariadb();
      await onServer([
        "CREATE USER only_tls@'%' IDENTIFIED BY 's3cret' REQUIRE SSL",
        "CREATE USER either@'%' IDENTIFIED BY 's3cret'",
      ]);
    });
    afterAll(() => {
      server?.stop();
      plain?.stop();
    });

    async function onServer(statements: readonly string[]): Promise<void> {
      const admin = await connectMysql(parseConnectionUrl(server.url, { servers: ["mysql"] }));
      for (const statement of statements) await admin.promise().query(statement);
      admin.destroy();
    }

    async function cipher(port: number, login: string, rest: string): Promise<string> {
      const question =
        "SELECT VARIABLE_VALUE AS c FROM information_schema.SESSION_STATUS WHERE VARIABLE_NAME = 'SSL_CIPHER'";
      const said = await answer(`mysql://${login}@localhost:${port}/?${rest}`, question);
      return said === "refused" ? said : said === "" ? "plain" : "tls";
    }

    /** As libpq has it: user "either" may come both ways; the certificate is for localhost. */
    const EXPECTED: Readonly<Record<Mode, Readonly<Record<string, string>>>> = {
      disable: { either: "plain", only_tls: "refused", wrong: "plain", noTls: "plain" },
      allow: { either: "plain", only_tls: "tls", wrong: "plain", noTls: "plain" },
      prefer: { either: "tls", only_tls: "tls", wrong: "plain", noTls: "plain" },
      require: { either: "tls", only_tls: "tls", wrong: "refused", noTls: "refused" },
      "verify-ca": { either: "tls", only_tls: "tls", wrong: "refused", noTls: "refused" },
      "verify-full": { either: "tls", only_tls: "tls", wrong: "refused", noTls: "refused" },
    };

    test.each(MODES)("sslmode=%s", async (mode) => {
      const root = mode.startsWith("verify") ? `&sslrootcert=${right}` : "";
      const ask = (port: number, user: string, authorities: string) =>
        cipher(port, user, `sslmode=${mode}${authorities}`);
      expect({
        either: await ask(server.port, "either:s3cret", root),
        only_tls: await ask(server.port, "only_tls:s3cret", root),
        wrong: await ask(server.port, "either:s3cret", `&sslrootcert=${wrong}`),
        noTls: await ask(plain.port, "root", root),
      }).toEqual(EXPECTED[mode]);
    });

    test("a certificate for another name passes verify-ca alone", async () => {
      useCertificate("db.example.org");
      await onServer(["FLUSH SSL"]);
      const ask = (mode: string) =>
        cipher(server.port, "either:s3cret", `sslmode=${mode}&sslrootcert=${right}`);
      expect(await ask("verify-ca")).toBe("tls");
      expect(await ask("verify-full")).toBe("refused");
    });

    test("an address where a name is to be checked is refused before anything is sent", async () => {
      const url = `mysql://root:s3cret@127.0.0.1:${server.port}/?sslmode=verify-full&sslrootcert=${right}`;
      const source = { database: { url: "LAB", query: "SELECT 1 AS x" } };
      await expect(fetchRows(source, { env: { LAB: url } })).rejects.toMatchObject({
        code: "CONFIG_INVALID",
        message: "LAB: sslmode=verify-full: expected a host name, got the address 127.0.0.1",
        details: { hint: expect.stringContaining("verify-ca") },
      });
    });

    test("what is wrong with TLS is said, with the settings to look at", async () => {
      const url = `mysql://root@localhost:${plain.port}/?sslmode=require`;
      const source = { database: { url: "LAB", query: "SELECT 1 AS x" } };
      await expect(fetchRows(source, { env: { LAB: url } })).rejects.toMatchObject({
        code: "SOURCE_UNAVAILABLE",
        message: expect.stringContaining("Server does not support secure connection"),
        details: {
          hint: "check sslmode and sslrootcert of LAB, and the certificate of the server",
        },
      });
    });
  },
);

describe("PostgreSQL", () => {
  let server: TlsServer;
  beforeAll(async () => {
    server = await startTlsServer();
  });
  afterAll(() => server?.stop());

  const EXPECTED: Readonly<Record<Mode, Readonly<Record<string, string>>>> = {
    disable: { postgres: "f", only_tls: "refused", only_plain: "f" },
    allow: { postgres: "f", only_tls: "t", only_plain: "f" },
    prefer: { postgres: "t", only_tls: "t", only_plain: "f" },
    require: { postgres: "t", only_tls: "t", only_plain: "refused" },
    "verify-ca": { postgres: "t", only_tls: "t", only_plain: "refused" },
    "verify-full": { postgres: "t", only_tls: "t", only_plain: "refused" },
  };

  test.each(MODES)("sslmode=%s", async (mode) => {
    const root = mode.startsWith("verify") ? `&sslrootcert=${server.authority}` : "";
    const ask = (user: string) =>
      answer(
        `postgres://${user}@localhost:${server.port}/postgres?sslmode=${mode}${root}`,
        "SELECT left(ssl::text, 1) AS tls FROM pg_stat_ssl WHERE pid = pg_backend_pid()",
      );
    expect({
      postgres: await ask("postgres"),
      only_tls: await ask("only_tls"),
      only_plain: await ask("only_plain"),
    }).toEqual(EXPECTED[mode]);
  });
});

import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { reachPostgresql } from "../../src/store/postgresql-pool.ts";
import { startTlsServer, type TlsServer } from "../interop/tls-postgresql.ts";
import { defaultDatabaseParams, temporaryFolder } from "../support/database.ts";

let server: TlsServer;
beforeAll(async () => {
  server = await startTlsServer();
});
afterAll(() => server?.stop());

const QUESTION = "SELECT ssl::text AS tls FROM pg_stat_ssl WHERE pid = pg_backend_pid()";

/** "true" or "false" for a connection with or without TLS, "refused" for none. */
async function ours(url: string): Promise<string> {
  try {
    const reached = await reachPostgresql(url, defaultDatabaseParams);
    const client = await reached.connect();
    const { rows } = await client.query(QUESTION);
    await client.end();
    return (rows[0] as { tls: string }).tls;
  } catch (error) {
    expect(error).toMatchObject({ code: "DATABASE_UNAVAILABLE", exitCode: 3 });
    return "refused";
  }
}

/** The same by libpq itself. */
function libpqs(url: string): string {
  const { status, stdout, error } = spawnSync("psql", [url, "-XAtc", QUESTION], {
    encoding: "utf8",
    env: { ...process.env, PGGSSENCMODE: "disable", HOME: temporaryFolder() },
  });
  if (error !== undefined) throw error;
  return status === 0 ? stdout.trim() : "refused";
}

const hasPsql = spawnSync("psql", ["--version"]).status === 0;

/** What each mode comes to: the user decides what the server accepts, the authority what we trust. */
const CASES = ["disable", "allow", "prefer", "require", "verify-ca", "verify-full"].flatMap(
  (mode) =>
    ["postgres", "only_tls", "only_plain"].flatMap((user) =>
      ["localhost", "127.0.0.1"].flatMap((host) =>
        ["right", "wrong", "none"]
          .filter((root) => root !== "none" || !mode.startsWith("verify"))
          .map((root) => ({ mode, user, host, root })),
      ),
    ),
);

function urlOf({ mode, user, host, root }: (typeof CASES)[number]): string {
  const file = root === "right" ? server.authority : server.otherAuthority;
  const authority = root === "none" ? "" : `&sslrootcert=${encodeURIComponent(file)}`;
  return `postgres://${user}@${host}:${server.port}/postgres?sslmode=${mode}${authority}`;
}

test.skipIf(!hasPsql)(
  "every mode connects, with TLS or without, where libpq does (skipped without psql)",
  async () => {
    const seen = new Set<string>();
    for (const each of CASES) {
      const url = urlOf(each);
      const answer = await ours(url);
      expect({ ...each, answer }).toEqual({ ...each, answer: libpqs(url) });
      seen.add(`${each.mode} ${answer}`);
    }
    // all that can be seen was seen
    expect([...seen].sort()).toEqual(
      [
        ...["disable false", "disable refused", "allow false", "allow true", "allow refused"],
        ...["prefer false", "prefer true", "prefer refused", "require true", "require refused"],
        ...["verify-ca true", "verify-ca refused", "verify-full true", "verify-full refused"],
      ].sort(),
    );
  },
);

async function failureOf(query: string, host = "localhost", port = server.port) {
  const url = `postgres://postgres:secret@${host}:${port}/postgres?${query}`;
  const error: unknown = await reachPostgresql(url, defaultDatabaseParams).then(
    () => undefined,
    (caught: unknown) => caught,
  );
  expect(error).toMatchObject({ code: "DATABASE_UNAVAILABLE", exitCode: 3 });
  expect(JSON.stringify(error)).not.toContain("secret");
  const { message, details } = error as { message: string; details: { hint: string } };
  return { message, hint: details.hint };
}

test("another authority than the server's is refused with the file to check", async () => {
  const { message, hint } = await failureOf(
    `sslmode=verify-full&sslrootcert=${server.otherAuthority}`,
  );
  expect(message).toMatch(/localhost:\d+\/postgres: expected .*, got: unable to verify the first/);
  expect(hint).toBe(
    `check that ${server.otherAuthority} is the certificate of the authority that signed the server's`,
  );
});

test("without sslrootcert an authority that nobody knows is refused with what to set", async () => {
  for (const query of ["sslmode=verify-full", "sslmode=verify-full&sslrootcert=system"]) {
    expect((await failureOf(query)).hint).toBe(
      "set sslrootcert=FILE to the certificate of the authority that signed the server's",
    );
  }
});

test("a file that is no certificate trusts nobody", async () => {
  const file = join(temporaryFolder(), "root.crt");
  writeFileSync(file, "no certificate\n");
  expect((await failureOf(`sslmode=verify-ca&sslrootcert=${file}`)).hint).toContain(file);
});

test("another host than the certificate's is refused with both names", async () => {
  const { message, hint } = await failureOf(
    `sslmode=verify-full&sslrootcert=${server.authority}`,
    "127.0.0.1",
  );
  expect(message).toContain("IP: 127.0.0.1 is not in the cert's list");
  expect(hint).toBe(
    "use the name that the certificate is for instead of 127.0.0.1, or sslmode=verify-ca, which does not look at the name",
  );
});

test.each(["require", "verify-full"])(
  "sslmode=%s at a server without TLS says how to go on",
  async (mode) => {
    const plain = new URL(process.env["DUETMIND_TEST_DATABASE_URL"]!);
    const { message, hint } = await failureOf(`sslmode=${mode}`, "127.0.0.1", Number(plain.port));
    expect(message).toContain("The server does not support SSL connections");
    expect(hint).toBe(
      `turn TLS on at the server (ssl = on), or set sslmode=disable where the network is trusted: sslmode=${mode} asks for TLS`,
    );
  },
);

test("prefer and allow go without TLS at a server that has none", async () => {
  const plain = new URL(process.env["DUETMIND_TEST_DATABASE_URL"]!);
  for (const mode of ["prefer", "allow"]) {
    const url = `postgres://postgres@127.0.0.1:${plain.port}/postgres?sslmode=${mode}`;
    expect(await ours(url)).toBe("false");
  }
});

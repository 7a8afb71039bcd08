import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parseConnectionUrl, tlsOptions } from "../../src/core/connection-url.ts";
import { temporaryFolder } from "../support/database.ts";

const tls = (query: string, host = "db.example") =>
  tlsOptions(parseConnectionUrl(`postgres://ada@${host}/meta?${query}`));

test("an address is taken apart, with libpq's defaults", () => {
  expect(parseConnectionUrl("postgresql://ada:p%40ss@db.example:6543/meta")).toEqual({
    server: "postgresql",
    host: "db.example",
    port: 6543,
    user: "ada",
    password: "p@ss",
    database: "meta",
    sslMode: "prefer",
    sslRootCert: undefined,
    applicationName: "duetmind",
    connectTimeoutMs: 10_000,
    variable: "DATABASE_URL",
    subject: "postgres://ada@db.example:6543/meta",
  });
  expect(parseConnectionUrl("postgres://[::1]/x").host).toBe("::1");
  expect(parseConnectionUrl("postgres:///x?host=/run/postgresql").host).toBe("/run/postgresql");
});

test("each TLS mode checks what libpq checks", () => {
  const file = join(temporaryFolder(), "root.crt");
  writeFileSync(file, "CERT");
  const ca = { ca: "CERT", host: "db.example" };
  expect(tls("sslmode=disable")).toBe(false);
  expect(tls("sslmode=allow")).toEqual({ rejectUnauthorized: false });
  expect(tls("sslmode=prefer")).toEqual({ rejectUnauthorized: false });
  expect(tls("sslmode=require")).toEqual({ rejectUnauthorized: false });
  expect(tls("sslmode=verify-full")).toEqual({ host: "db.example" });
  expect(tls("sslmode=verify-full&sslrootcert=system")).toEqual({ host: "db.example" });
  expect(tls(`sslmode=verify-full&sslrootcert=${file}`)).toEqual(ca);
  // As libpq: with a root certificate each is verify-ca, which does not look at the name.
  for (const mode of ["verify-ca", "require", "prefer", "allow"]) {
    const options = tls(`sslmode=${mode}&sslrootcert=${file}`);
    expect(options).toEqual({ ...ca, checkServerIdentity: expect.any(Function) });
  }
  expect(tls("host=/run/postgresql&sslmode=require", "")).toBe(false);
});

test.each([
  ["mysql://x/y", "expected postgres://user:password@host:port/database, got another form"],
  ["secret-text", "expected postgres://user:password@host:port/database, got another form"],
  [
    "postgres://h/d?sslmode=maybe",
    'expected sslmode disable or allow or prefer or require or verify-ca or verify-full, got "maybe"',
  ],
  [
    "postgres://h/d?sslmode=verify-ca",
    "expected sslrootcert=FILE with sslmode=verify-ca, got none",
  ],
  ["postgres://h/d?ssl=true", 'got parameter "ssl"'],
  ["postgres://h/d?connect_timeout=soon", "expected connect_timeout in seconds, got soon"],
])("%s is refused", (url, message) => {
  expect(() => parseConnectionUrl(url)).toThrow(message);
  expect(() => parseConnectionUrl(url)).not.toThrow("secret");
});

test("an address of another server, named by its variable", () => {
  const options = { variable: "CLINIC", servers: ["postgresql", "mysql"] } as const;
  const target = parseConnectionUrl("mariadb://ada:secret@db.example/meta", options);
  expect(target).toMatchObject({
    server: "mysql",
    port: 3306,
    subject: "mysql://ada@db.example:3306/meta",
  });
  expect(() => parseConnectionUrl("oracle://secret@h/d", options)).toThrow(
    "CLINIC: expected postgres://user:password@host:port/database or mysql://user:password@host:port/database, got another form",
  );
});

import { readFileSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { pythonEnvironment } from "../interop/python-environment.ts";
import { fetchRows } from "./database-project.ts";

/** A real PostgreSQL (the interop project's server), a database of this file's own. */
const server = process.env["DUETMIND_TEST_DATABASE_URL"]!;
const name = `duetmind_source_${process.pid}`;
const url = new URL(server);
url.pathname = `/${name}`;
const env = { CLINIC: url.href };
const table = (name: string) => ({ database: { url: "CLINIC", table: name } });
const query = (text: string, more = {}) => ({ database: { url: "CLINIC", query: text, ...more } });

async function run(address: string, text: string): Promise<pg.QueryResult> {
  const client = new pg.Client(address);
  await client.connect();
  try {
    return await client.query(text);
  } finally {
    await client.end();
  }
}

beforeAll(async () => {
  await run(server, `CREATE DATABASE ${name}`);
  await run(url.href, readFileSync(join(import.meta.dirname, "postgresql-types.sql"), "utf8"));
});
afterAll(() => run(server, `DROP DATABASE ${name} WITH (FORCE)`));

describe("types", () => {
  test("every type is what psycopg reads", async () => {
    const python = await pythonEnvironment("databases");
    // infinity, years before Christ and 24:00 have no place in Python: they are compared below
    const rows = "FROM every_type WHERE id IN (2, 3, 5)";
    const { files } = await fetchRows(query(`SELECT * ${rows}`, { order_by: ["id"] }), { env });
    const asText =
      `u::text AS u, ttz::text AS ttz, j::text AS j, jb::text AS jb, to_json(ia)::text AS ia,
      to_json(ta)::text AS ta, to_json(na)::text AS na, to_json(tza)::text AS tza, m::text AS m, ip::text AS ip,
      bits::text AS bits, p::text AS p, r::text AS r, pt::text AS pt`.replace(
        "iv::text AS iv_, ",
        "",
      );
    const sql = `SELECT id, b, i2, i8, f4::float8 AS f4, f8, n, n38, n_free, n_wide, dom, d, t, ts, tz, raw, s, v, c, "Odd ""name""", ${asText} ${rows} ORDER BY id`;
    const input = JSON.stringify({ kind: "postgresql", connect: url.href, sql, files });
    const script = join(import.meta.dirname, "../interop/databases/compare.py");
    const found = JSON.parse(python.run([script], { input }));
    expect(found).toEqual({ rows: 3, ours: 3, columns: 34, different: [] });
  });

  test("the ends of the ranges, infinity and NaN", async () => {
    const columns = "id, i8, f4, f8, n38, n_free, d, t, ts, tz, iv, raw, s";
    const { types, rows, notes } = await fetchRows(
      query(`SELECT ${columns} FROM every_type WHERE id IN (1, 4)`, { order_by: ["id"] }),
      { env },
    );
    expect(types).toMatchObject({
      f4: "float32",
      n38: "DECIMAL(38,9)",
      n_free: "str",
      d: "date",
      t: "TIME",
      tz: "datetime64[us, UTC]",
      raw: "BLOB",
    });
    expect(rows).toEqual([
      [
        "1",
        "-9223372036854775808",
        "nan",
        "inf",
        "-0.000000001",
        "NaN",
        "0044-03-15 (BC)",
        "24:00:00",
        "1969-12-31 23:59:59",
        "1900-01-01 00:00:00+00",
        "P-1D",
        "",
        "",
      ],
      [
        "4",
        null,
        "3.4028235e+38",
        "1.7976931348623157e+308",
        null,
        null,
        "infinity",
        null,
        "-infinity",
        "infinity",
        null,
        null,
        "\n",
      ],
    ]);
    expect(notes).toEqual([
      'sources.t: column "n_free" is numeric without a precision: read as text, which keeps every digit; types: {n_free: float64} makes it a number',
    ]);
  });

  test("a type that has no counterpart is text, with a note", async () => {
    const { rows, notes } = await fetchRows(query("SELECT p, r, m FROM every_type WHERE id = 2"), {
      env,
    });
    expect(rows).toEqual([['(1,"x, y")', "[1,5)", "happy"]]);
    expect(notes).toEqual([
      'sources.t: column "p" is of type pair: read as text',
      'sources.t: column "r" is of type int4range: read as text',
    ]);
  });

  test("NaN in a decimal column is an error, unless types: declares a float", async () => {
    const source = query("SELECT 'NaN'::numeric(10, 2) AS x");
    await expect(fetchRows(source, { env })).rejects.toMatchObject({
      code: "COLUMN_TYPE",
      message: 'sources.t: column "x": expected DECIMAL(10,2), got "NaN"',
    });
    const { rows, types } = await fetchRows({ ...source, types: { x: "float64" } }, { env });
    expect({ rows, types }).toEqual({ rows: [["NaN"]], types: { x: "str" } }); // the ingest casts it
  });

  test("the settings of the role do not change what is read", async () => {
    const { rows: before } = await fetchRows(table("every_type"), { env });
    await run(url.href, `ALTER ROLE CURRENT_USER IN DATABASE ${name} SET DateStyle = 'German'`);
    await run(
      url.href,
      `ALTER ROLE CURRENT_USER IN DATABASE ${name} SET TimeZone = 'Asia/Kolkata'`,
    );
    await run(url.href, `ALTER ROLE CURRENT_USER IN DATABASE ${name} SET bytea_output = 'escape'`);
    await run(url.href, `ALTER ROLE CURRENT_USER IN DATABASE ${name} SET extra_float_digits = -5`);
    const { rows: after } = await fetchRows(table("every_type"), { env });
    expect(after).toEqual(before);
  });
});

describe("order and selection", () => {
  test("a table comes in the order of its primary key", async () => {
    await run(
      url.href,
      "CREATE TABLE keyed (a text, b int, x int, PRIMARY KEY (b, a)); INSERT INTO keyed VALUES ('z', 1, 1), ('a', 2, 2), ('a', 1, 3)",
    );
    const { rows, names } = await fetchRows(table("public.keyed"), { env });
    expect(rows.map(([, , x]) => x)).toEqual(["3", "1", "2"]);
    expect(names).toEqual(["CLINIC#public.keyed"]);
  });

  test("a query and a table without a key are sorted by every column, in code point order", async () => {
    await run(
      url.href,
      "CREATE TABLE heap (s text, j json); INSERT INTO heap VALUES ('b', '1'), ('B', '2'), ('ä', '3'), (NULL, '4'), ('b', '0')",
    );
    const sorted = [
      ["B", "2"],
      ["b", "0"],
      ["b", "1"],
      ["ä", "3"],
      [null, "4"],
    ];
    expect((await fetchRows(table("heap"), { env })).rows).toEqual(sorted);
    expect(
      (await fetchRows(query("SELECT * FROM heap ORDER BY s DESC -- as is"), { env })).rows,
    ).toEqual(sorted);
  });

  test.each([
    ["id", "4", ["4", "5"]],
    // 5 has none: it comes, and the ingest says so
    ["ts", "2024-02-29T23:59:59.999999", ["2", "3", "5"]],
    ["tz", "2024-02-29T18:29:59.999999Z", ["2", "3", "4", "5"]],
    ["n", "0", ["2", "3", "4", "5"]],
    ["s", "v'; DROP TABLE every_type; --", ["5"]],
    // by code point, as here, and not by the server's own order of its labels
    ["m", "sad", ["1", "3", "4", "5"]],
  ])("since %s %s", async (sinceColumn, since, expected) => {
    const { rows } = await fetchRows(table("every_type"), { env, sinceColumn, since });
    expect(rows.map(([id]) => id)).toEqual(expected);
  });

  test.each([
    ["n_free", 'column "n_free" is numeric without a precision'],
    ["raw", 'column "raw" holds bytes'],
    ["ia", 'column "ia" is an array'],
  ])("a watermark that has another order here: %s", async (sinceColumn, message) => {
    await expect(fetchRows(table("every_type"), { env, sinceColumn })).rejects.toMatchObject({
      code: "COLUMN_TYPE",
      message: expect.stringContaining(message),
    });
  });

  test("a watermark that types: declares is selected here where the server's type is another", async () => {
    const numbers = "SELECT n::numeric FROM (VALUES (9), (10)) AS v (n)";
    const asInt = { ...query(numbers), types: { n: "int64" } };
    const { rows } = await fetchRows(asInt, { env, sinceColumn: "n", since: "9" });
    expect(rows).toEqual([["10"], ["9"]]); // as text still: the ingest makes numbers of them
  });

  test("zero rows keep their columns; one column keeps its empty texts", async () => {
    expect(
      await fetchRows(query("SELECT 1::int8 AS a, now() AS b WHERE false"), { env }),
    ).toMatchObject({
      rows: [],
      types: { a: "int64", b: "datetime64[us, UTC]" },
    });
    const one = "SELECT '' AS e UNION ALL SELECT NULL UNION ALL SELECT 'a' UNION ALL SELECT ''";
    expect((await fetchRows(query(one), { env })).rows).toEqual([[""], [""], ["a"], [null]]);
  });
});

describe("bad input", () => {
  const clinic = (address: string) => ({ env: { CLINIC: address } });
  const changed = (change: (url: URL) => void) => {
    const address = new URL(url.href);
    change(address);
    return address.href;
  };

  test.each([
    [
      "a missing column",
      "SELECT id\nFROM every_type\nWHERE nope = 1",
      'got: column "nope" does not exist (SQLSTATE 42703, line 3, column 7 of the query)',
    ],
    [
      "a syntax error",
      "SELEC 1",
      'got: syntax error at or near "1" (SQLSTATE 42601, line 1, column 7 of the query)',
    ],
    ["two statements", "SELECT 1; DROP TABLE every_type", 'got: syntax error at or near ";"'],
    [
      "a way out of the brackets",
      "SELECT 1) AS x; COMMIT; DROP TABLE every_type; SELECT * FROM (SELECT 1",
      "got: cannot insert multiple commands into a prepared statement",
    ],
    [
      "an error at a row",
      "SELECT 1 / (id - 2) AS x FROM every_type",
      "got: division by zero (SQLSTATE 22012)",
    ],
    [
      "a write",
      "SELECT nextval('counter')",
      "got: cannot execute nextval() in a read-only transaction (SQLSTATE 25006)",
    ],
    [
      "a name twice",
      "SELECT 1 AS a, 2 AS a",
      'expected column names that differ (by more than case), got "a" twice',
    ],
  ])("%s", async (_, text, message) => {
    await run(url.href, "CREATE SEQUENCE IF NOT EXISTS counter");
    const error = await fetchRows(query(text), { env }).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: "BAD_INPUT" });
    expect(String(error)).toContain(message);
    await run(url.href, "SELECT 1 FROM every_type");
  });

  test("a table that is not there, with the nearest name", async () => {
    await expect(fetchRows(table("every_typ"), { env })).rejects.toMatchObject({
      code: "NOT_FOUND",
      details: { hint: 'did you mean "every_type"?' },
    });
  });

  test.each([
    [
      "no server",
      changed((u) => {
        u.port = "1";
      }),
      "SOURCE_UNAVAILABLE",
      "ECONNREFUSED",
    ],
    [
      "no such role",
      changed((u) => {
        u.username = "nobody";
        u.password = "secret";
      }),
      "SOURCE_REFUSED",
      'role "nobody" does not exist',
    ],
    [
      "no such database",
      changed((u) => {
        u.pathname = "/nowhere";
        u.password = "secret";
      }),
      "SOURCE_REFUSED",
      'database "nowhere" does not exist',
    ],
    [
      "TLS that the server has not",
      changed((u) => {
        u.searchParams.set("sslmode", "require");
        u.password = "secret";
      }),
      "SOURCE_UNAVAILABLE",
      "does not support SSL",
    ],
    ["no address", "", "CONFIG_INVALID", "expected the environment to have CLINIC, got nothing"],
    [
      "another form",
      "jdbc:secret",
      "CONFIG_INVALID",
      "CLINIC: expected postgres://user:password@host:port/database or mysql://",
    ],
  ])("%s", async (_, address, code, message) => {
    const error = await fetchRows(table("every_type"), clinic(address)).catch(
      (caught: unknown) => caught,
    );
    expect(error).toMatchObject({ code });
    expect(String(error)).toContain(message);
    expect(`${error} ${JSON.stringify(error)}`).not.toContain("secret");
  });

  test("a table that may not be read", async () => {
    await run(url.href, "CREATE ROLE reader LOGIN");
    try {
      const address = changed((u) => {
        u.username = "reader";
      });
      await expect(fetchRows(table("every_type"), clinic(address))).rejects.toMatchObject({
        code: "SOURCE_REFUSED",
      });
    } finally {
      await run(url.href, "DROP ROLE reader");
    }
  });

  test("a statement that takes too long is ended by the server", async () => {
    const slow = query("SELECT pg_sleep(30)::text AS x", { statement_timeout_ms: 200 });
    await expect(fetchRows(slow, { env })).rejects.toMatchObject({
      code: "SOURCE_UNAVAILABLE",
      message: expect.stringContaining("expected the rows within 200 ms, got a timeout"),
    });
  });

  const backends = async (state: string) =>
    (
      await run(
        server,
        `SELECT pid FROM pg_stat_activity WHERE datname = '${name}' AND application_name = 'duetmind' AND query LIKE 'COPY%' ${state}`,
      )
    ).rows as { pid: number }[];
  const until = async (done: () => Promise<boolean>) => {
    while (!(await done())) await new Promise((resolve) => setTimeout(resolve, 20));
  };
  const long = query(
    "SELECT i, repeat('x', 100) AS s, CASE WHEN i = 300000 THEN pg_sleep(30)::text END AS w FROM generate_series(1, 400000) AS i",
  );

  test("a connection that drops in the middle of the rows", async () => {
    const failed = fetchRows(long, { env }).catch((caught: unknown) => caught);
    await until(async () => (await backends("AND wait_event = 'PgSleep'")).length === 1);
    const [backend] = await backends("");
    await run(server, `SELECT pg_terminate_backend(${backend!.pid})`);
    const error = await failed;
    expect(error).toMatchObject({
      code: "SOURCE_UNAVAILABLE",
      details: { hint: expect.stringContaining("nothing was half read") },
    });
  });

  test("a signal ends the query at the server too", async () => {
    const controller = new AbortController();
    const failed = fetchRows(long, { env, effects: { signal: controller.signal } }).catch(
      (caught: unknown) => caught,
    );
    await until(async () => (await backends("AND wait_event = 'PgSleep'")).length === 1);
    controller.abort();
    expect(await failed).toMatchObject({ code: "INTERRUPTED" });
    await until(async () => (await backends("")).length === 0);
  });
});

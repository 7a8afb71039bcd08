import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Connection } from "mysql2";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseConnectionUrl } from "../../src/core/connection-url.ts";
import { connectMysql } from "../../src/sources/mysql-connection.ts";
import { type MariadbServer, mariadbMissing, startMariadb } from "../interop/mariadb-server.ts";
import { pythonEnvironment } from "../interop/python-environment.ts";
import { fetchRows } from "./database-project.ts";

const missing = mariadbMissing();
const table = (name: string) => ({ database: { url: "LAB", table: name } });
const query = (text: string, more = {}) => ({ database: { url: "LAB", query: text, ...more } });

let server: MariadbServer;
let admin: Connection;
let env: Readonly<Record<string, string>>;
const run = (text: string) => admin.promise().query(text);

/** A real MariaDB on loopback. */
describe.skipIf(missing !== undefined)(
  `MariaDB${missing === undefined ? "" : `: skipped, ${missing}`}`,
  () => {
    beforeAll(async () => {
      server = await startMariadb();
      admin = await connectMysql(parseConnectionUrl(server.url, { servers: ["mysql"] }));
      await run("CREATE DATABASE lab");
      await run("USE lab");
      const script = readFileSync(join(import.meta.dirname, "mysql-types.sql"), "utf8");
      for (const statement of script.split(/;\n/).filter((text) => text.trim() !== ""))
        await run(statement);
      env = { LAB: `mysql://root@127.0.0.1:${server.port}/lab` };
    });
    afterAll(() => {
      admin?.destroy();
      server?.stop();
    });

    test("every type is what PyMySQL reads", async () => {
      const python = await pythonEnvironment("databases");
      // zero dates are compared below; a bit field and a TIME are bytes and a duration in Python
      const rows = "FROM every_type WHERE id IN (1, 2)";
      const { files } = await fetchRows(query(`SELECT * ${rows}`, { order_by: ["id"] }), { env });
      const sql = `SELECT id, b, i1, u1, i2, u2, i3, u3, i4, u4, i8, u8, f4 + 0e0 AS f4, f8, n, un, wide, y, bits + 0 AS bits, d,
      CAST(t AS CHAR) AS t, dt, ts, c, v, s, latin, e, st, j, bin, vb, bl, ST_AsText(g) AS g, \`odd \`\`name\` ${rows} ORDER BY id`;
      const connect = { host: "127.0.0.1", port: server.port, user: "root", database: "lab" };
      const input = JSON.stringify({ kind: "mysql", connect, sql, files });
      const script = join(import.meta.dirname, "../interop/databases/compare.py");
      expect(JSON.parse(python.run([script], { input }))).toEqual({
        rows: 2,
        ours: 2,
        columns: 35,
        different: [],
      });
    });

    test("types by width and sign; zero dates are null and counted", async () => {
      const { types, rows, notes, names } = await fetchRows(table("every_type"), { env });
      expect(names).toEqual(["LAB#every_type"]);
      expect(types).toMatchObject({
        ...{
          b: "int8",
          u1: "uint8",
          i2: "int16",
          u3: "uint32",
          i4: "int32",
          u8: "uint64",
          y: "uint16",
          bits: "uint64",
        },
        ...{
          f4: "float32",
          f8: "float64",
          n: "DECIMAL(10,2)",
          un: "DECIMAL(38,9)",
          wide: "str",
          bin: "BLOB",
          j: "str",
          t: "str",
        },
        ...{ d: "date", dt: "datetime64[us]", ts: "datetime64[us, UTC]" },
      });
      const column = (name: string) => rows.map((row) => row[Object.keys(types).indexOf(name)]);
      expect(column("id")).toEqual(["1", "2", "3", "4"]);
      expect(column("f4")).toEqual(["3.4028235e+38", "0.1", "1.2345678", null]);
      expect(column("d")).toEqual(["1000-01-01", "2024-02-29", null, null]);
      expect(column("s")).toEqual(["", "é 🙂", "\0", null]);
      expect(notes).toEqual([
        'sources.t: column "wide" is decimal(65, 30): read as text, which keeps every digit; types: {wide: float64} makes it a number',
        'sources.t: column "g" is a geometry: read as well-known text',
        'sources.t: column "d": 2 zero dates read as null',
        'sources.t: column "dt": 1 zero date read as null',
        'sources.t: column "ts": 1 zero date read as null',
      ]);
    });

    test("MariaDB's own types, and values that only a query has", async () => {
      await run("CREATE TABLE own (u UUID, i INET6); ".replace("; ", ""));
      await run("INSERT INTO own VALUES ('a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '::1')");
      expect((await fetchRows(table("own"), { env })).rows).toEqual([
        ["a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "::1"],
      ]);
      const { types, rows } = await fetchRows(
        query(
          "SELECT NULL AS n, 'a?b' AS q, CONCAT(1, 'x') AS c, CAST(1 / 3 AS DECIMAL(10, 4)) AS d -- all",
        ),
        { env },
      );
      expect(types).toEqual({ n: "str", q: "str", c: "str", d: "DECIMAL(10,4)" });
      expect(rows).toEqual([[null, "a?b", "1x", "0.3333"]]);
    });

    test("a table comes in the order of its key, the rest is sorted by code point", async () => {
      await run("CREATE TABLE keyed (a VARCHAR(5), b INT, PRIMARY KEY (b, a))");
      await run("INSERT INTO keyed VALUES ('b', 1), ('a', 2), ('A', 1)");
      expect((await fetchRows(table("lab.keyed"), { env })).rows).toEqual([
        ["A", "1"],
        ["b", "1"],
        ["a", "2"],
      ]);
      expect((await fetchRows(query("SELECT a FROM keyed ORDER BY b DESC"), { env })).rows).toEqual(
        [["A"], ["a"], ["b"]],
      );
    });

    test.each([
      // null and the zero date are no watermark: such rows come, and the ingest says so
      ["i8", "1", ["1", "3", "4"]],
      ["dt", "2024-02-29T23:59:59.999999Z", ["1", "2", "3", "4"]],
      ["ts", "2024-02-29T23:59:59.999999Z", ["2", "3", "4"]],
      ["d", "2024-02-29", ["2", "3"]],
      ["n", "-5", ["1", "3", "4"]],
      ["f4", "0.1", ["1", "2", "3", "4"]],
      ["f8", "0.1", ["1", "2", "4"]],
      ["v", "b' OR 1 = 1 -- ", ["2", "3", "4"]],
    ])("since %s %s", async (sinceColumn, since, expected) => {
      const { rows } = await fetchRows(table("every_type"), { env, sinceColumn, since });
      expect(rows.map(([id]) => id)).toEqual(expected);
    });

    test("a watermark of text goes by code point, whatever the collation", async () => {
      await run("CREATE TABLE caseless (s VARCHAR(5) PRIMARY KEY) COLLATE utf8mb4_general_ci");
      await run("INSERT INTO caseless VALUES ('B2'), ('a'), ('b')");
      const since = { env, sinceColumn: "s", since: "a" };
      expect((await fetchRows(table("caseless"), since)).rows).toEqual([["a"], ["b"]]);
    });

    test("a watermark that has another order here is refused", async () => {
      const wide = fetchRows(table("every_type"), { env, sinceColumn: "wide" });
      await expect(wide).rejects.toMatchObject({ code: "COLUMN_TYPE" });
    });

    describe("bad input", () => {
      test.each([
        [
          "a missing column",
          "SELECT id\nFROM every_type\nWHERE nope = 1",
          "got: Unknown column 'nope' in 'WHERE' (ER_BAD_FIELD_ERROR, SQLSTATE 42S22)",
        ],
        [
          "a syntax error, with its line",
          "SELECT id\nFORM every_type",
          "near 'every_type' at line 2 (ER_PARSE_ERROR, SQLSTATE 42000)",
        ],
        [
          "two statements",
          "SELECT 1; DROP TABLE every_type",
          "near '; DROP TABLE every_type' at line 1",
        ],
        ["a name twice", "SELECT 1 AS a, 2 AS a", "got: Duplicate column name 'a'"],
        [
          "a value that is none at a row",
          "SELECT ST_GeomFromText(v) IS NULL AS x, EXTRACTVALUE(j, '[') AS y FROM every_type",
          "(ER_",
        ],
      ])("%s", async (_, text, message) => {
        const error = await fetchRows(query(text), { env }).catch((caught: unknown) => caught);
        expect(error).toMatchObject({ code: "BAD_INPUT" });
        expect(String(error)).toContain(message);
      });

      test("a table that is not there, with the nearest name", async () => {
        const error = await fetchRows(table("every_typ"), { env }).catch(
          (caught: unknown) => caught,
        );
        expect(error).toMatchObject({
          code: "NOT_FOUND",
          details: { hint: 'did you mean "every_type"?' },
        });
      });

      test("a password that is wrong, a database that is not there, a server that is away", async () => {
        await run("CREATE USER ada IDENTIFIED BY 'right'");
        const at = `127.0.0.1:${server.port}`;
        for (const [address, code, message] of [
          [`mysql://ada:secret@${at}/lab`, "SOURCE_REFUSED", "Access denied for user 'ada'"],
          [
            `mysql://ada:right@${at}/lab?connect_timeout=5`,
            "SOURCE_REFUSED",
            "Access denied for user 'ada'",
          ],
          [`mariadb://root@${at}/nowhere`, "SOURCE_REFUSED", "Unknown database 'nowhere'"],
          ["mysql://root:secret@127.0.0.1:1/lab", "SOURCE_UNAVAILABLE", "ECONNREFUSED"],
          [
            `mysql://root:secret@localhost:${server.port}/lab?sslmode=verify-full`,
            "SOURCE_UNAVAILABLE",
            "",
          ],
        ] as const) {
          const error = await fetchRows(table("every_type"), { env: { LAB: address } }).catch(
            (caught: unknown) => caught,
          );
          expect(error).toMatchObject({ code });
          expect(String(error)).toContain(message);
          expect(`${error} ${JSON.stringify(error)}`).not.toContain("secret");
        }
      });

      const long = query(
        "SELECT seq, REPEAT('x', 100) AS s, IF(seq = 300000, SLEEP(30), 0) AS w FROM seq_1_to_400000",
      );
      const until = async (done: () => Promise<unknown>) => {
        while (!(await done())) await new Promise((resolve) => setTimeout(resolve, 20));
      };
      const sleeping = async () => {
        const [rows] = await run(
          "SELECT id FROM information_schema.processlist WHERE info LIKE '%SLEEP(30)%' AND state = 'User sleep'",
        );
        return (rows as { id: number }[])[0]?.id;
      };

      test("a statement that takes too long is ended by the server", async () => {
        const slow = query("SELECT SLEEP(30) AS x", { statement_timeout_ms: 200 });
        await expect(fetchRows(slow, { env })).rejects.toMatchObject({
          code: "SOURCE_UNAVAILABLE",
          message: expect.stringContaining("expected the rows within 200 ms, got a timeout"),
        });
      });

      test("a connection that drops in the middle of the rows", async () => {
        const failed = fetchRows(long, { env }).catch((caught: unknown) => caught);
        await until(sleeping);
        await run(`KILL ${await sleeping()}`);
        expect(await failed).toMatchObject({ code: "SOURCE_UNAVAILABLE" });
      });

      test("a signal ends the query at the server too", async () => {
        const controller = new AbortController();
        const failed = fetchRows(long, { env, effects: { signal: controller.signal } }).catch(
          (caught: unknown) => caught,
        );
        await until(sleeping);
        controller.abort();
        expect(await failed).toMatchObject({ code: "INTERRUPTED" });
        await until(async () => (await sleeping()) === undefined);
      });
    });
  },
);

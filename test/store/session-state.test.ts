import { expect, test } from "vitest";
import { mayLeaveState } from "../../src/store/session-state.ts";
import { frame, queryFrame } from "../../src/store/wire.ts";

const query = (sql: string) => mayLeaveState({ type: "Q", frame: queryFrame(sql) });

test.each([
  "SELECT 1",
  "  select * from duetmind.runs",
  'insert into "duetmind"."tags" values ($1)',
  "INSERT INTO duetmind.tags VALUES ($1)",
  "WITH x AS (SELECT 1) UPDATE duetmind.runs SET status = 'FINISHED'",
  "BEGIN",
  "start transaction",
  "COMMIT",
  "ROLLBACK TO SAVEPOINT a;",
  "/* prepared */ SELECT 1",
  "SELECT set_config('role', 'plain', true), set_config('a.b', $1, true)",
  "SELECT set_config('a.b', 'it''s, false)', true)",
  "",
])("%j leaves nothing in the session", (sql) => {
  expect(query(sql)).toBe(false);
});

test.each([
  "SET search_path = x",
  "RESET ALL",
  "PREPARE a AS SELECT 1",
  "LISTEN a",
  "DECLARE c CURSOR WITH HOLD FOR SELECT 1",
  "CREATE TEMP TABLE t (a int)",
  "SELECT 1 INTO t",
  "SELECT * INTO TEMP t FROM x",
  "SELECT set_config('a.b', 'c', false)",
  "SELECT set_config('a.b', 'c', true), set_config('a.b', 'd', false)",
  "SELECT set_config('a.b', 'c', $1)",
  "SELECT set_config('a.b', 'c', true OR false)",
  "SELECT set_config('a.b', 'c', NOT true)",
  "SELECT set_config('a.b', E'\\', true), set_config(', 'd', false)",
  "SELECT set_config('a.b', (SELECT 'c'), true)",
  "SELECT pg_advisory_lock(1)",
  "SELECT 1; SET a.b = 'c'",
  "-- a comment\nSET a.b = 'c'",
  "/* a comment */ SET a.b = 'c'",
  "DO $$ BEGIN SET a.b = 'c'; END $$",
  "COPY t TO STDOUT",
])("%j may leave something", (sql) => {
  expect(query(sql)).toBe(true);
});

test("a statement or portal with a name stays, or is taken away; the unnamed ones do not", () => {
  const parse = (name: string) => frame("P", name, "SELECT 1", Buffer.alloc(2));
  expect(mayLeaveState({ type: "P", frame: parse("") })).toBe(false);
  expect(mayLeaveState({ type: "P", frame: parse("a") })).toBe(true);
  const close = (name: string) => frame("C", Buffer.from("S"), name);
  expect(mayLeaveState({ type: "C", frame: close("") })).toBe(false);
  expect(mayLeaveState({ type: "C", frame: close("a") })).toBe(true);
  expect(mayLeaveState({ type: "B", frame: frame("B", "p", "", Buffer.alloc(6)) })).toBe(true);
});

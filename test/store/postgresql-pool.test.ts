import { expect, test } from "vitest";
import { reachPostgresql } from "../../src/store/postgresql-pool.ts";
import { defaultDatabaseParams } from "../support/database.ts";

test("a server that is not there is DATABASE_UNAVAILABLE, without the password", async () => {
  const url = "postgres://ada:secret@127.0.0.1:1/meta";
  const error = await reachPostgresql(url, defaultDatabaseParams).catch(
    (caught: unknown) => caught,
  );
  expect(error).toMatchObject({
    code: "DATABASE_UNAVAILABLE",
    exitCode: 3,
    message:
      "postgres://ada@127.0.0.1:1/meta: expected a PostgreSQL server that lets us in, got: connect ECONNREFUSED 127.0.0.1:1",
  });
  expect(String(error)).not.toContain("secret");
});

import { expect, test } from "vitest";
import { inOrderOfCodes, withCodes } from "../../src/features/subject-code-sql.ts";
import { openEngine } from "../../src/table/engine.ts";
import { id, sql } from "../../src/table/sql.ts";

// more subjects than several row groups of a table, and more than lie in the memory they are given
test.each([1, 4])("codes are the ranks of the first rows, by %i threads", async (threads) => {
  const engine = await openEngine({ threads, memoryLimitMb: 64 });
  try {
    const rows = sql`(SELECT r, 'patient ' || hash(r // 3) % 700001 AS subject FROM range(1500000) t(r))`;
    const subjects = sql`SELECT subject, first FROM (SELECT subject, min(r) AS first FROM ${rows} GROUP BY 1)`;
    await engine.run(sql`CREATE TABLE ${id("coded")} AS ${inOrderOfCodes(subjects)}`);
    await engine.run(
      sql`CREATE TABLE ${id("ranked")} AS SELECT subject, row_number() OVER (ORDER BY first) - 1 AS place FROM (${subjects})`,
    );
    const [found] = await engine.rows(
      sql`SELECT count(*) AS n, count(*) FILTER (subject_code = place) AS agree
          FROM ${withCodes(id("coded"))} JOIN ${id("ranked")} USING (subject)`,
    );
    expect(found!["n"]).toBeGreaterThan(300_000);
    expect(found!["agree"]).toBe(found!["n"]);
  } finally {
    engine.close();
  }
});

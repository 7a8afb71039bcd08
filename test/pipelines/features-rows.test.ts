import { expect, test } from "vitest";
import { realEffects } from "../../src/core/effects.ts";
import { dealRows, openRawDatasets } from "../../src/pipelines/features-rows.ts";
import { openEngine } from "../../src/table/engine.ts";
import { sql } from "../../src/table/sql.ts";
import { makeProject, VISIT_FEATURES, visits } from "./features-project.ts";

test("rows are dealt without a table of them, and lie in their order", async () => {
  const project = await makeProject({ features: VISIT_FEATURES }, { visits: visits(30_000) });
  const engine = await openEngine();
  try {
    const { base } = await openRawDatasets(engine, project, realEffects);
    const target = { column: "diagnosis", type: "str" };
    const rows = await dealRows(engine, project, base.relation, [], target, ["site"]);
    const [held] = await engine.rows(
      sql`SELECT max(estimated_size)::BIGINT AS rows FROM duckdb_tables()`,
    );
    expect(Number(held!["rows"])).toBeLessThan(100);
    expect(rows.isDealtInOrder).toBe(true);
    const numbers = await engine.rows(sql`SELECT "__row__" AS n FROM ${rows.dealt}`);
    expect(numbers.map(({ n }) => n)).toEqual(Array.from({ length: 30_000 }, (_, i) => i));
  } finally {
    engine.close();
  }
});

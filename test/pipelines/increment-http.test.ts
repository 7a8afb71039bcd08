import { expect, test } from "vitest";
import { realEffects } from "../../src/core/effects.ts";
import { runData } from "../../src/pipelines/data-stage.ts";
import { openRaw } from "../../src/pipelines/raw-relation.ts";
import { sql } from "../../src/table/sql.ts";
import { startServer } from "../support/http-server.ts";
import { scratchEngine } from "../table/scratch.ts";
import { dataProject } from "./data-project.ts";

test("an incremental source asks its API for what is new, the look-back included", async () => {
  const rows = [
    { id: 1, at: "2026-01-01T08:00:00", y: 0 },
    { id: 2, at: "2026-01-05T09:30:00", y: 1 },
  ];
  const asked: (string | null)[] = [];
  const server = await startServer((request, response) => {
    const since = new URL(request.url!, "http://x").searchParams.get("since");
    asked.push(since);
    response.end(JSON.stringify(rows.filter(({ at }) => since === null || at >= since)));
  });
  const sources = `sources:
  patients:
    http: {url: "${server.url}/v1", records: "", since: {param: since}}
    types: {at: "datetime64[ns]"}
    incremental: {watermark: at, lookback: 2d}`;
  const project = await dataProject(sources, {});
  const taken = async () => {
    const { runs } = await runData(project, realEffects);
    const { rows_read, rows_added } = runs[0]!;
    return { rows_read, rows_added };
  };
  expect(await taken()).toEqual({ rows_read: 2, rows_added: 2 });
  expect(await taken()).toEqual({ rows_read: 1, rows_added: 0 });
  rows.push({ id: 3, at: "2026-01-04T00:00:00", y: 0 }, { id: 4, at: "2026-01-05T09:30:00", y: 1 });
  expect(await taken()).toEqual({ rows_read: 3, rows_added: 2 });
  expect(asked).toEqual([null, "2026-01-03T09:30:00", "2026-01-03T09:30:00"]);

  rows.length = 0; // the server has forgotten all: no new row is no error, and what is here stays
  expect(await taken()).toEqual({ rows_read: 0, rows_added: 0 });
  const engine = await scratchEngine();
  const { relation: raw } = await openRaw(engine, project, "patients", realEffects);
  const ids = await engine.rows(sql`SELECT id FROM ${raw.sql} ORDER BY id`);
  expect(ids.map((row) => row["id"])).toEqual([1, 2, 3, 4]);
});

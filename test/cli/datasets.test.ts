import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { runIn } from "../support/run-cli.ts";

const folder = mkdtempSync(join(tmpdir(), "duetmind-cli-datasets-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const run = (...argv: readonly string[]) => runIn(folder, argv, { DUETMIND_ACTOR: "ann" });

function source(file: string, header: string, ids: readonly number[]): void {
  mkdirSync(join(folder, "source"), { recursive: true });
  const extra = header.includes("site") ? ",A" : "";
  const rows = ids.map((id) => `${id},${50 + id},${id % 2}${extra}\n`);
  writeFileSync(join(folder, "source", file), `${header}\n${rows.join("")}`);
}

const LONG = { timeout: 240_000 };

test(
  "the history of a dataset that grows, and then is read anew with another column",
  LONG,
  async () => {
    writeFileSync(
      join(folder, "params.yaml"),
      `sources: {visits: {path: "source/*.csv", key: [id], incremental: {}}}
features: {view: f, source: visits, subject: id, target: y, transforms: [{numeric: age}]}
model: {name: m}
tracking: {experiment: e}
`,
    );
    source("a.csv", "id,age,y", [1, 2, 3]);
    expect((await run("data", "--json")).json()).toMatchObject({
      changed: true,
      runs: [{ dataset: "visits", rows_read: 3, rows_added: 3, rows_rejected: 0 }],
    });
    expect((await run("data", "--json")).json()).toMatchObject({
      changed: false,
      runs: [{ rows_read: 0, rows_added: 0, bytes_read: 0 }],
    });
    source("b.csv", "id,age,y", [4]);
    await run("data");
    source("c.csv", "id,age,y,site", [5]);
    const refused = await run("data", "--json");
    expect(refused.exitCode).toBe(2);
    expect(refused.json()).toMatchObject({
      error: {
        code: "COLUMN_NOT_FOUND",
        message: 'source/c.csv: expected the columns of earlier rows, got "site" as well',
        hint: expect.stringContaining("--full-refresh"),
      },
    });
    source("a.csv", "id,age,y,site", [1, 2, 3]);
    source("b.csv", "id,age,y,site", [4]);
    expect((await run("data", "--full-refresh")).exitCode).toBe(0);

    const shown = await run("datasets", "show", "visits", "--json");
    const card = shown.json<{ runs: readonly { rows_added: number }[] }>();
    expect(card).toMatchObject({
      schema_version: 1,
      dataset: { name: "visits", version: 3, row_count: 5, created_by: "ann" },
      lineage: { made_from: [], feature_views: [], models: [] },
      versions: [
        { version: 1, row_count: 3, quality: { score: 1 }, schema_changes: [] },
        { version: 2, row_count: 4, schema_changes: [] },
        { version: 3, schema_changes: [{ kind: "added", column: "site", after: "str" }] },
      ],
    });
    const added = card.runs.map((one) => one.rows_added);
    expect(added).toEqual([5, 1, 0, 3]); // the newest first, that which found nothing among them
    expect((await run("datasets", "show", "visits@2", "--json")).json()).toMatchObject({
      dataset: { version: 2 },
      columns: [{ name: "id", max: 4 }, { name: "age" }, { name: "y" }],
    });
    const diff = (await run("datasets", "show", "visits", "--diff", "1", "3", "--json")).json();
    expect(diff).toMatchObject({
      same: false,
      schema_changes: [{ kind: "added", column: "site" }],
      column_changes: expect.arrayContaining([
        { column: "id", measure: "max", before: 3, after: 5 },
      ]),
    });
    expect((await run("datasets", "show", "visits")).stdout).toContain("added site (str)");
  },
);

test("a dataset or version that is not there is named, with what there is", LONG, async () => {
  const missing = await run("datasets", "show", "vists", "--json");
  expect(missing.exitCode).toBe(2);
  const error = { code: "NOT_FOUND", hint: 'did you mean "visits"?' };
  expect(missing.json()).toMatchObject({ error });
  expect((await run("datasets", "show", "visits@9", "--json")).json()).toMatchObject({
    error: { message: "dataset visits: expected a version from 1 to 3, got 9" },
  });
  expect((await run("datasets", "show", "visits", "--diff", "1", "--json")).exitCode).toBe(2);
});

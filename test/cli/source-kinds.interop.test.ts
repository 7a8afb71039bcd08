import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { realEffects } from "../../src/core/effects.ts";
import { SOURCE_TYPES } from "../../src/sources/origin.ts";
import { openDatabase } from "../../src/store/database.ts";
import { mariadbMissing } from "../interop/mariadb-server.ts";
import { defaultDatabaseParams, temporaryFolder, testDatabaseEnv } from "../support/database.ts";
import { runIn } from "../support/run-cli.ts";
import { SOURCE_KINDS, type SourceKind, type Visit } from "./source-kind.ts";

const METADATA = {
  "the embedded database": async () => ({}),
  PostgreSQL: testDatabaseEnv,
} as const;

const CONTRACT = `columns: {age: {dtype: int64, nullable: true, ge: 0}}
drop_invalid_rows: true
`;

const FIRST: readonly Visit[] = [
  { id: 1, at: "2026-01-01 08:00:00", age: 50, y: 0 },
  { id: 2, at: "2026-01-02 08:00:00", age: 60, y: 1 },
  { id: 3, at: "2026-01-03 08:00:00", age: 70, y: 0 },
];
/** One of them ties with the watermark, one breaks the contract. */
const MORE: readonly Visit[] = [
  { id: 4, at: "2026-01-03 08:00:00", age: 80, y: 1 },
  { id: 5, at: "2026-01-04 08:00:00", age: -1, y: 0 },
];
const LATER: readonly Visit[] = [{ id: 6, at: "2026-01-05 08:00:00", age: 90, y: 1 }];

const EMPTY: Visit = { id: 7, at: "2026-01-07 08:00:00", age: null, y: 0 };

const missing = mariadbMissing();

describe.each(SOURCE_TYPES)("%s", (type) => {
  const skipped = type === "mysql" && missing !== undefined;
  let source: SourceKind;
  beforeAll(async () => {
    if (!skipped) source = await SOURCE_KINDS[type]();
  });
  afterAll(() => source?.stop());

  test.skipIf(skipped).each(Object.entries(METADATA))(
    `a dataset that grows is registered in %s${skipped ? `: skipped, ${missing}` : ""}`,
    async (_, metadata) => {
      const root = temporaryFolder();
      const own = await metadata();
      const env = { ...own, ...source.env };
      const write = (mode: string, more = "") =>
        writeFileSync(
          join(root, "params.yaml"),
          `sources: {visits: {${source.params}, key: [id], types: {at: "datetime64[us]"}, incremental: {watermark: at, mode: ${mode}}}}
contracts: {raw: {visits: contract.yaml}, quarantine: bad}
features: {view: f, source: visits, subject: id, target: y, transforms: [{numeric: age}]}
model: {name: m}
tracking: {experiment: e}
${more}`,
        );
      const ask = async (...argv: string[]) => {
        const answer = await runIn(root, [...argv, "--json"], env);
        return { exitCode: answer.exitCode, ...answer.json<object>() };
      };
      writeFileSync(join(root, "contract.yaml"), CONTRACT);
      write("append");

      await source.put(root, FIRST);
      expect(await ask("data")).toMatchObject({
        ...{ exitCode: 0, changed: true, datasets: [{ version: 1, row_count: 3 }] },
        runs: [{ rows_read: 3, rows_added: 3, watermark: "2026-01-03T08:00:00" }],
      });
      expect(await ask("data")).toMatchObject({ changed: false, runs: [{ rows_added: 0 }] });

      await source.put(root, [...FIRST, ...MORE]);
      expect(await ask("data")).toMatchObject({
        ...{ exitCode: 0, datasets: [{ version: 2, row_count: 4 }] },
        runs: [{ rows_added: 1, rows_rejected: 1 }],
      });
      expect(readdirSync(join(root, "bad/visits"))).toHaveLength(1);

      await source.put(root, [...FIRST, ...MORE, ...LATER]);
      write("append", "quality: {minimum_score: 1, columns: {age: 0}}");
      expect(await ask("data")).toMatchObject({ datasets: [{ version: 3, row_count: 5 }] });

      // an upsert keeps the last row of a key, and begins with a full refresh
      write("upsert");
      expect(await ask("data")).toMatchObject({ error: { code: "CONFIG_INVALID" } });
      expect(await ask("data", "--full-refresh")).toMatchObject({
        datasets: [{ version: 4, row_count: 5 }],
      });
      const moved = { ...LATER[0]!, at: "2026-01-06 08:00:00", age: 30 };
      await source.put(root, [...FIRST, ...MORE, moved]);
      expect(await ask("data")).toMatchObject({ datasets: [{ version: 5, row_count: 5 }] });

      // a gate that fails keeps the version that is current
      write("upsert", "quality: {maximum_missing: 0.01}");
      await source.put(root, [...FIRST, ...MORE, moved, EMPTY]);
      expect(await ask("data")).toMatchObject({
        ...{ exitCode: 1, error: { code: "QUALITY_GATE_FAILED" } },
      });
      expect(await ask("datasets")).toMatchObject({
        datasets: [5, 4, 3, 2, 1].map((version) => ({ name: "visits", version })),
      });

      expect(await ask("datasets", "show", "visits", "--diff", "4", "5")).toMatchObject({
        same: false,
        schema_changes: [],
        column_changes: expect.arrayContaining([
          { column: "age", measure: "max", before: 90, after: 80 },
        ]),
      });
      const card = await ask("datasets", "show", "visits");
      expect(card).toMatchObject({ dataset: { version: 5, quality: { score: 1 } } });

      const options = { root, env: own, params: defaultDatabaseParams, effects: realEffects };
      const database = await openDatabase(options);
      try {
        const rows = await database.kysely
          .selectFrom("dataset_catalog")
          .select("source_type")
          .distinct()
          .execute();
        expect(rows).toEqual([{ source_type: type }]);
      } finally {
        await database.close();
      }
    },
  );
});

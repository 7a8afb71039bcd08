import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { realEffects } from "../../src/core/effects.ts";
import { digestFile } from "../../src/core/hash.ts";
import { parseSplitParams } from "../../src/features/split-params.ts";
import { runFeatures } from "../../src/pipelines/features-stage.ts";
import type { Project } from "../../src/pipelines/project.ts";
import { readColumns, type TextColumn } from "../../src/table/columns.ts";
import { openEngine } from "../../src/table/engine.ts";
import type { Row } from "../../src/table/row.ts";
import { lit, type Sql, sql } from "../../src/table/sql.ts";
import { makeProject, VISIT_FEATURES, visits, writeRaw } from "./features-project.ts";

async function query(text: Sql): Promise<Row[]> {
  const engine = await openEngine({ threads: 1 });
  try {
    return await engine.rows(text);
  } finally {
    engine.close();
  }
}

function processed(project: Project, name: string): Sql {
  return sql`read_parquet(${lit(join(project.root, `data/processed/${name}.parquet`))})`;
}

function raw(project: Project, name: string): Sql {
  return sql`read_parquet(${lit(join(project.root, `data/raw/${name}.parquet`))})`;
}

function digests(project: Project): Record<string, string> {
  const folder = join(project.root, "data/processed");
  return Object.fromEntries(
    readdirSync(folder)
      .sort()
      .map((name) => [name, digestFile(join(folder, name)).digest]),
  );
}

test("every output has the same bytes with 1, 2 and 4 threads, for every way to split", async () => {
  const splits = [
    { method: "hash" },
    { method: "hash", stratify: true },
    { method: "time", column: "visit_date" },
  ];
  for (const split of splits) {
    const project = await makeProject(
      { features: VISIT_FEATURES, split },
      { visits: visits(130_000) },
    );
    const seen: Record<string, string>[] = [];
    for (const threads of [1, 2, 4]) {
      await runFeatures(project, realEffects, { threads });
      seen.push(digests(project));
    }
    expect(Object.keys(seen[0]!)).toEqual([
      "feature-view.json",
      "features.parquet",
      "features.record.json",
      "labels.parquet",
      "split.parquet",
      "test-inputs.parquet",
    ]);
    expect(seen[1]).toEqual(seen[0]);
    expect(seen[2]).toEqual(seen[0]);
  }
});

test("features, labels and split have the same rows in the order of row_id", async () => {
  const project = await makeProject({ features: VISIT_FEATURES }, { visits: visits(2000) });
  const { record } = await runFeatures(project, realEffects);
  for (const name of ["features", "labels", "split"]) {
    const rows = await query(sql`SELECT row_id FROM ${processed(project, name)}`);
    expect(rows.map((row) => row["row_id"])).toEqual(Array.from({ length: 2000 }, (_, i) => i));
  }
  const [labels] = await query(sql`
    SELECT count(*) AS n FROM ${processed(project, "labels")} l
    JOIN (SELECT *, row_number() OVER () - 1 AS r FROM ${raw(project, "visits")}) v ON l.row_id = v.r
    WHERE l.diagnosis = v.diagnosis`);
  expect(labels).toEqual({ n: 2000 });
  expect(record.rows.total).toBe(2000);
  const nulls = await query(
    sql`SELECT count(*) AS n FROM ${processed(project, "features")} WHERE COLUMNS(*) IS NULL`,
  );
  expect(nulls).toEqual([{ n: 0 }]);
});

test("values of the test and validation split change no fitted value", async () => {
  const project = await makeProject({ features: VISIT_FEATURES }, { visits: visits(3000) });
  const before = await runFeatures(project, realEffects);
  const changed = sql`
    SELECT v.* REPLACE (
      CASE WHEN s.split = 'train' THEN v.age ELSE v.age * 1000 END AS age,
      CASE WHEN s.split = 'train' THEN v.volume ELSE 1e9 END AS volume,
      CASE WHEN s.split = 'train' THEN v.score ELSE 99 END AS score,
      CASE WHEN s.split = 'train' THEN v.site ELSE 'Atlantis' END AS site)
    FROM (SELECT *, row_number() OVER () - 1 AS r FROM ${raw(project, "visits")}) v
    JOIN ${processed(project, "split")} s ON v.r = s.row_id ORDER BY v.r`;
  const other = await makeProject({ features: VISIT_FEATURES }, { visits: visits(3) });
  await writeRaw(other.root, { visits: changed });
  const after = await runFeatures(other, realEffects);
  expect(after.record.outputs[0]!.sha256).not.toBe(before.record.outputs[0]!.sha256);
  expect(after.view.fit_hash).toBe(before.view.fit_hash);
  expect(after.view.outputs).toEqual(before.view.outputs);
});

test("changing a value of the training split changes the fit hash and not the feature hash", async () => {
  const project = await makeProject({ features: VISIT_FEATURES }, { visits: visits(3000) });
  const before = await runFeatures(project, realEffects);
  await writeRaw(project.root, {
    visits: sql`SELECT * REPLACE (age + 1 AS age) FROM (${visits(3000)})`,
  });
  const after = await runFeatures(project, realEffects);
  expect(after.view.fit_hash).not.toBe(before.view.fit_hash);
  expect(after.view.feature_hash).toBe(before.view.feature_hash);
});

async function splitOf(project: Project): Promise<Map<string, Set<string>>> {
  const rows = await query(sql`
    SELECT DISTINCT v.patient_id, s.split FROM ${processed(project, "split")} s
    JOIN (SELECT *, row_number() OVER () - 1 AS r FROM ${raw(project, "visits")}) v ON s.row_id = v.r`);
  const found = new Map<string, Set<string>>();
  for (const row of rows) {
    const subject = String(row["patient_id"]);
    found.set(subject, (found.get(subject) ?? new Set()).add(String(row["split"])));
  }
  return found;
}

test("a subject is in one split, adding rows moves nobody, and fractions are those asked for", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 0, max: 1_000_000 }),
      fc.integer({ min: 40, max: 80 }),
      async (seed, percent) => {
        const train = percent / 100;
        const split = { seed, train, validation: (1 - train) / 2, test: (1 - train) / 2 };
        const project = await makeProject(
          { features: VISIT_FEATURES, split },
          { visits: visits(3000) },
        );
        const { record } = await runFeatures(project, realEffects);
        const before = await splitOf(project);
        expect([...before.values()].every((splits) => splits.size === 1)).toBe(true);
        const bound = 5 * Math.sqrt(1000 * train * (1 - train));
        expect(Math.abs(record.subjects.train - 1000 * train)).toBeLessThan(bound);
        expect(record.subjects.train + record.subjects.validation + record.subjects.test).toBe(
          1000,
        );

        await writeRaw(project.root, { visits: visits(3900) });
        await runFeatures(project, realEffects);
        const after = await splitOf(project);
        expect(after.size).toBe(1300);
        for (const [subject, splits] of before) expect(after.get(subject)).toEqual(splits);
      },
    ),
    { numRuns: 6 },
  );
});

test("split.parquet numbers the declared subjects as they appear, without their names", async () => {
  const mixed = sql`SELECT * FROM (${visits(900)}) ORDER BY hash(visit_date::VARCHAR || patient_id)`;
  const project = await makeProject({ features: VISIT_FEATURES }, { visits: mixed });
  for (const split of [{}, { stratify: true }]) {
    await runFeatures(
      { ...project, params: { ...project.params, split: parseSplitParams(split) } },
      realEffects,
    );
    const patients = await query(sql`SELECT patient_id FROM ${raw(project, "visits")}`);
    const places = new Map<unknown, number>();
    const expected = patients.map(({ patient_id }) => {
      if (!places.has(patient_id)) places.set(patient_id, places.size);
      return places.get(patient_id);
    });
    const rows = await query(sql`SELECT * FROM ${processed(project, "split")} ORDER BY row_id`);
    expect(Object.keys(rows[0]!)).toEqual(["row_id", "split", "subject_code"]);
    expect(rows.map((row) => row["subject_code"])).toEqual(expected);
    expect(places.size).toBe(300);
  }
  const { subject: _, ...features } = VISIT_FEATURES;
  const without = await makeProject({ features }, { visits: visits(90) });
  await runFeatures(without, realEffects);
  const [row] = await query(sql`SELECT * FROM ${processed(without, "split")} LIMIT 1`);
  expect(Object.keys(row!)).toEqual(["row_id", "split"]);
});

test("stratified: the share of each class is the same in every split, to one subject", async () => {
  const project = await makeProject(
    {
      features: { ...VISIT_FEATURES, subject: "id", transforms: [{ numeric: "x" }], target: "y" },
      split: { stratify: true, train: 0.5, validation: 0.25, test: 0.25 },
    },
    {
      visits: sql`SELECT r AS id, (r * 7 % 13)::DOUBLE AS x, CASE WHEN r % 10 = 0 THEN 'rare' ELSE 'common' END AS y FROM range(1000) t(r) ORDER BY r`,
    },
  );
  await runFeatures(project, realEffects);
  const rows = await query(sql`
    SELECT y, split, count(*) AS n FROM ${processed(project, "labels")} JOIN ${processed(project, "split")} USING (row_id)
    GROUP BY ALL ORDER BY y, split`);
  expect(rows).toEqual([
    { y: "common", split: "test", n: 225 },
    { y: "common", split: "train", n: 450 },
    { y: "common", split: "validation", n: 225 },
    { y: "rare", split: "test", n: 25 },
    { y: "rare", split: "train", n: 50 },
    { y: "rare", split: "validation", n: 25 },
  ]);
});

test("time: no subject of train ends after one of validation, nor that after one of test", async () => {
  const project = await makeProject(
    { features: VISIT_FEATURES, split: { method: "time", column: "visit_date" } },
    { visits: visits(2700) },
  );
  await runFeatures(project, realEffects);
  const rows = await query(sql`
    SELECT split, min(last)::VARCHAR AS low, max(last)::VARCHAR AS high FROM (
      SELECT v.patient_id, s.split, max(visit_date) AS last FROM ${processed(project, "split")} s
      JOIN (SELECT *, row_number() OVER () - 1 AS r FROM ${raw(project, "visits")}) v ON s.row_id = v.r GROUP BY ALL)
    GROUP BY split`);
  const of = (split: string) => rows.find((row) => row["split"] === split)!;
  expect(String(of("train")["high"]) < String(of("validation")["low"])).toBe(true);
  expect(String(of("validation")["high"]) < String(of("test")["low"])).toBe(true);
});

test("the split is SHA-256 of seed and subject, as documented", async () => {
  const project = await makeProject({ features: VISIT_FEATURES }, { visits: visits(300) });
  await runFeatures(project, realEffects);
  const { createHash } = await import("node:crypto");
  for (const [subject, splits] of await splitOf(project)) {
    const hex = createHash("sha256")
      .update(`duetmind.split.v1\u001f42\u001f${subject}`)
      .digest("hex");
    const u = Number.parseInt(hex.slice(0, 13), 16) / 2 ** 52;
    expect([...splits]).toEqual([u < 0.7 ? "train" : u < 0.85 ? "validation" : "test"]);
  }
});

test("a join keeps every base row in its place and takes the columns of the other source", async () => {
  const labs = sql`SELECT 'P' || r AS patient_id, r::DOUBLE AS tau FROM range(0, 900, 2) t(r) ORDER BY r`;
  const project = await makeProject(
    {
      features: {
        ...VISIT_FEATURES,
        source: "visits",
        joins: [{ source: "labs", on: ["patient_id"], cardinality: "many_to_one", prefix: "lab_" }],
        transforms: [{ numeric: "lab_tau", impute: "none", missing_indicator: true }],
      },
    },
    { visits: visits(2000), labs },
  );
  await runFeatures(project, realEffects);
  const [row] = await query(sql`
    SELECT count(*) AS n, count(*) FILTER (lab_tau IS NULL) AS without, sum(lab_tau_missing)::INTEGER AS flagged,
      count(*) FILTER (lab_tau = row_id // 3) AS right_ones FROM ${processed(project, "features")}`);
  expect(row).toEqual({ n: 2000, without: 999, flagged: 999, right_ones: 1001 });
});

test("labels are those of the rows that have a target; the others are counted", async () => {
  const project = await makeProject(
    { features: VISIT_FEATURES },
    {
      visits: sql`SELECT * REPLACE (CASE WHEN score = 0 THEN NULL ELSE diagnosis END AS diagnosis) FROM (${visits(2000)})`,
    },
  );
  const { record } = await runFeatures(project, realEffects);
  expect(record.rows.without_target).toBeGreaterThan(20);
  const engine = await openEngine();
  const { columns, rowCount } = await readColumns(
    engine,
    sql`SELECT diagnosis FROM ${processed(project, "labels")}`,
  );
  engine.close();
  expect(rowCount).toBe(2000 - record.rows.without_target);
  expect((columns[0] as TextColumn).codes.includes(-1)).toBe(false);
});

test("a failing disk leaves no file and no record", async () => {
  const project = await makeProject({ features: VISIT_FEATURES }, { visits: visits(300) });
  let published = 0;
  const files: typeof realEffects.files = {
    ...realEffects.files,
    publish: (path, write) =>
      realEffects.files.publish(path, async (temporary) => {
        published += 1;
        if (published === 5) throw Object.assign(new Error("full"), { code: "ENOSPC" });
        return write(temporary);
      }),
  };
  await expect(runFeatures(project, { ...realEffects, files })).rejects.toMatchObject({
    code: "DISK_FULL",
    exitCode: 3,
  });
  expect(existsSync(join(project.root, "data/processed/features.record.json"))).toBe(false);
  expect(readdirSync(join(project.root, "data/processed"))).toEqual([]);
});

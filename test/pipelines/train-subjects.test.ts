import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { realEffects } from "../../src/core/effects.ts";
import { runFeatures } from "../../src/pipelines/features-stage.ts";
import type { Project } from "../../src/pipelines/project.ts";
import { runTrain } from "../../src/pipelines/train-stage.ts";
import { openEngine } from "../../src/table/engine.ts";
import { writeParquet } from "../../src/table/parquet-write.ts";
import { lit, type Sql, sql } from "../../src/table/sql.ts";
import { makeProject } from "./features-project.ts";

const MODEL = { name: "m", hyperparameters: { rounds: 5 } };

/** People with a noisy label, each of them the same row `copies` times. */
function people(count: number, copies: number): Sql {
  const n = { text: String(count * copies) } as Sql;
  const k = { text: String(copies) } as Sql;
  return sql`SELECT r AS id, (r // ${k})::BIGINT AS person, (hash(r // ${k}) % 100)::DOUBLE AS x,
    CASE WHEN hash(r // ${k}) % 100 + hash(r // ${k} + 7) % 80 < 90 THEN 'yes' ELSE 'no' END AS y
    FROM range(${n}) t(r) ORDER BY r`;
}

function projectOf(subject: string | undefined, data: Sql): Promise<Project> {
  const features = {
    ...(subject === undefined ? {} : { subject }),
    ...{ target: "y", transforms: [{ numeric: "x" }] },
  };
  return makeProject({ features, model: MODEL }, { people: data });
}

async function metricsText(project: Project): Promise<string> {
  await runTrain(project, realEffects);
  return readFileSync(join(project.root, "models/m/metrics.json"), "utf8");
}

async function width(project: Project): Promise<number> {
  const { lower, upper } = JSON.parse(await metricsText(project)).test.metrics.accuracy;
  return upper - lower;
}

async function rewriteSplit(project: Project, columns: Sql): Promise<void> {
  const path = join(project.root, "data/processed/split.parquet");
  const engine = await openEngine({ threads: 1 });
  try {
    await realEffects.files.publish(path, (temporary) =>
      writeParquet(
        engine,
        sql`SELECT ${columns} FROM read_parquet(${lit(path)}) ORDER BY row_id`,
        temporary,
      ),
    );
  } finally {
    engine.close();
  }
}

test("a subject of one row each gives the same metrics.json as no subject", async () => {
  const data = people(900, 1);
  const texts = [];
  for (const subject of ["id", undefined]) {
    const project = await projectOf(subject, data);
    await runFeatures(project, realEffects);
    texts.push(await metricsText(project));
  }
  expect(texts[0]).toBe(texts[1]);
});

test("nine copies of each person give an interval as wide as the people are few", async () => {
  const project = await projectOf("person", people(900, 9));
  await runFeatures(project, realEffects);
  const bySubject = await width(project);
  await rewriteSplit(project, sql`row_id, split, row_id::INTEGER AS subject_code`);
  const byRow = await width(project);
  expect(bySubject / byRow).toBeGreaterThan(0.85 * 3);
  expect(bySubject / byRow).toBeLessThan(1.15 * 3);
});

test("features without the code of a declared subject say which stage makes it", async () => {
  const project = await projectOf("person", people(100, 2));
  await runFeatures(project, realEffects);
  await rewriteSplit(project, sql`row_id, split`);
  await expect(runTrain(project, realEffects)).rejects.toMatchObject({
    code: "BAD_INPUT",
    message: `data/processed/split.parquet: expected "subject_code" beside "split", got no other column`,
    details: { hint: "run: duetmind features" },
  });
});

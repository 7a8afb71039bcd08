import { expect, test } from "vitest";
import { systemClock } from "../../src/core/clock.ts";
import { digestBytes } from "../../src/core/hash.ts";
import {
  listArtifactFiles,
  putArtifactFiles,
  runArtifactRoot,
} from "../../src/tracking/artifact-file-queries.ts";
import { ensureExperiment } from "../../src/tracking/experiment-queries.ts";
import { logInputs, type RunInput } from "../../src/tracking/input-queries.ts";
import { findRun } from "../../src/tracking/run-details.ts";
import { insertRun } from "../../src/tracking/run-queries.ts";
import { testDatabase } from "../support/database.ts";

const AT = new Date("2026-11-23T10:00:00Z");
const { kysely: db } = await testDatabase();
const experimentId = await ensureExperiment(db, "tests", AT);

async function newRun(runId: string): Promise<Readonly<{ runId: string; experimentId: number }>> {
  const times = { startedAt: AT, endedAt: AT, recordDigest: null };
  await insertRun(db, { runId, experimentId, name: runId, user: "", status: "FINISHED", ...times });
  return { runId, experimentId };
}

const INPUT: RunInput = {
  name: "patients",
  digest: digestBytes("rows"),
  sourceType: "duetmind",
  source: "{}",
  schema: null,
  profile: null,
  catalogId: null,
  tags: [{ key: "mlflow.data.context", value: "training" }],
};

function inContext(value: string): RunInput {
  return { ...INPUT, tags: [{ key: "mlflow.data.context", value }] };
}

test("two runs that used one dataset share its row; the context is the run's own, the first it gave", async () => {
  const first = await newRun("first");
  const second = await newRun("second");
  await logInputs(db, first, [INPUT], systemClock);
  await logInputs(db, second, [inContext("validation")], systemClock);
  await logInputs(db, second, [inContext("test")], systemClock);
  expect(await db.selectFrom("datasets").select("name").execute()).toHaveLength(1);
  expect(await db.selectFrom("inputs").select("id").execute()).toHaveLength(2);
  const { name, digest } = INPUT;
  expect((await findRun(db, "first"))!.inputs).toEqual([{ name, digest, context: "training" }]);
  const kept = { name, digest, context: "validation" }; // as MLflow keeps it
  expect((await findRun(db, "second"))!.inputs).toEqual([kept]);
});

test("a run's files are listed by path; a path written again holds the newer bytes", async () => {
  const root = runArtifactRoot(await newRun("files"));
  const [old, now] = [digestBytes("old"), digestBytes("now")];
  const first = [
    { path: "model/model.onnx", digest: old, sizeBytes: 3 },
    { path: "metrics.json", digest: old, sizeBytes: 3 },
  ];
  await putArtifactFiles(db, root, first, AT);
  const again = { path: "metrics.json", digest: now, sizeBytes: 5_000_000_000 };
  await putArtifactFiles(db, root, [again], AT);
  await putArtifactFiles(db, `${root}0`, [again], AT); // a neighbour in the order of paths
  expect(await listArtifactFiles(db, root)).toEqual([
    { path: "metrics.json", digest: now, sizeBytes: 5_000_000_000 },
    { path: "model/model.onnx", digest: old, sizeBytes: 3 },
  ]);
});

test("a path out of its root is refused by the database itself", async () => {
  for (const path of ["../x", "/etc/passwd", "a/../b", "", "a/./b", "a/"]) {
    const file = { path, digest: digestBytes("x"), sizeBytes: 1 };
    await expect(putArtifactFiles(db, "0/traversal", [file], AT)).rejects.toThrow(
      /check constraint/,
    );
  }
});

test("an unknown run is undefined", async () => {
  expect(await findRun(db, "nobody")).toBeUndefined();
});

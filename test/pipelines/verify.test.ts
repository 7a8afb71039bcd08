import { execFile } from "node:child_process";
import { chmodSync, cpSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { beforeAll, expect, test } from "vitest";
import { openObjectStore } from "../../src/artifacts/open-object-store.ts";
import { realEffects } from "../../src/core/effects.ts";
import { type Digest, digestBytes, digestHex } from "../../src/core/hash.ts";
import { loadProject, type Project } from "../../src/pipelines/project.ts";
import { withDatabase } from "../../src/pipelines/register-database.ts";
import type { TrainRecord } from "../../src/pipelines/train-record.ts";
import { verifyModel } from "../../src/pipelines/verify.ts";
import { insertStageRecord } from "../../src/registry/stage-record-queries.ts";
import { temporaryFolder, testDatabaseEnv } from "../support/database.ts";

const run = promisify(execFile);
const REPOSITORY = join(import.meta.dirname, "..", "..");
const SOURCE = "data/source/patients.csv";
const PARAMS = `
sources: { patients: { path: ${SOURCE}, key: [patient_id, visit_date] } }
contracts: { raw: { patients: contracts/patients.yaml } }
features: { source: patients, target: diagnosis, subject: patient_id, view: risk }
model: { name: risk, algorithm: logistic }
`;
/** A sensitive column shows in the rebuilt bytes: its example is left out of the feature view. */
const CONTRACT = "columns: { age: { dtype: int64, sensitivity: phi } }\n";

const databaseEnv = await testDatabaseEnv();
const home = temporaryFolder();
let trainedHere: Project;
let project: Project;

async function duetmind(cwd: string, ...args: string[]) {
  const command = [join(REPOSITORY, "src/cli/main.ts"), ...args, "--json"];
  const env = { ...process.env, ...databaseEnv };
  const options = { cwd, env, maxBuffer: 1 << 26 };
  return run(join(REPOSITORY, "node_modules/.bin/tsx"), command, options);
}

beforeAll(async () => {
  for (const folder of ["data/source", "contracts"])
    mkdirSync(join(home, folder), { recursive: true });
  writeFileSync(join(home, "params.yaml"), PARAMS);
  writeFileSync(join(home, "contracts/patients.yaml"), CONTRACT);
  await duetmind(home, "sample", "alzheimer", "--rows", "400", "--out", SOURCE);
  for (const stage of ["data", "features", "train"]) await duetmind(home, stage);
  trainedHere = await loadProject(home, databaseEnv, realEffects);
});

/** The project in another folder, with nothing of its working files but the source. */
async function moved(): Promise<Project> {
  const root = temporaryFolder();
  cpSync(home, root, { recursive: true });
  for (const path of ["data/raw", "data/processed", "models", "contracts"]) {
    rmSync(join(root, path), { recursive: true });
  }
  return { ...trainedHere, root };
}

const verdicts = async (of: Project) => verifyModel(of, "risk@1", realEffects);

test("a model trained in another process and another folder comes out identical", async () => {
  project = await moved();
  const { verdict, links, ...rest } = await verdicts(project);
  expect(links.filter((link) => link.verdict !== "identical")).toEqual([]);
  expect(verdict).toBe("identical");
  expect(rest).toEqual({ model: "risk", version: 1 });
  const names = links.map(({ link }) => link);
  expect(names).toContain("data: patients@1");
  expect(names).toContain("contract: contracts/patients.yaml");
  expect(names).toContain("features: features.parquet");
  expect(names).toContain("model: model/model.onnx");
});

test("what params.yaml says today plays no part", async () => {
  const params = { ...trainedHere.params, split: { ...trainedHere.params.split, seed: 7 } };
  const { verdict } = await verdicts({ ...(await moved()), params });
  expect(verdict).toBe("identical");
});

test("a source file that is another one now is named, and the model is rebuilt all the same", async () => {
  const changed = await moved();
  writeFileSync(join(changed.root, SOURCE), "patient_id\n1\n");
  const { verdict, links } = await verdicts(changed);
  expect(verdict).toBe(`data changed: ${SOURCE} is another file now`);
  expect(links.find(({ link }) => link === "model: model/model.onnx")!.verdict).toBe("identical");
  rmSync(join(changed.root, SOURCE));
  expect((await verdicts(changed)).verdict).toBe("identical");
});

test("stored bytes that were altered or are gone break the first link; nothing is rebuilt from them", async () => {
  const broken = await moved();
  const { links } = await verdicts(broken);
  const raw = links.find(({ link }) => link === "data: patients@1")!.expected as Digest;
  const path = join(
    broken.root,
    ".duetmind/artifacts/sha256",
    digestHex(raw).slice(0, 2),
    digestHex(raw).slice(2),
  );
  chmodSync(path, 0o644);
  writeFileSync(path, "not what was recorded");
  const altered = await verdicts(broken);
  expect(altered.verdict).toBe("data changed: the stored bytes are altered");
  expect(altered.links.some(({ link }) => link.startsWith("features"))).toBe(false);
  rmSync(path);
  expect((await verdicts(broken)).verdict).toBe("data changed: the stored bytes are missing");
});

test("the command exits 1 and prints one document when a link is broken", async () => {
  const broken = await moved();
  writeFileSync(join(broken.root, SOURCE), "patient_id\n1\n");
  const failed = await duetmind(broken.root, "verify", "risk").catch((error) => error);
  expect(failed.code).toBe(1);
  expect(JSON.parse(failed.stdout)).toMatchObject({
    schema_version: 1,
    model: "risk",
    version: 1,
    verdict: `data changed: ${SOURCE} is another file now`,
  });
});

/** Verifies as if another record of the training had been written then; on PostgreSQL the copies share a database. */
async function verdictsWith(
  of: Project,
  change: (record: TrainRecord) => unknown,
  digestOf: (text: string) => Digest = digestBytes,
) {
  const point = (digest: string) =>
    withDatabase(of, realEffects, (db) =>
      db.updateTable("model_version_detail").set({ record_digest: digest }).execute(),
    );
  const was = await withDatabase(of, realEffects, async (db) => {
    const stored = await db
      .selectFrom("stage_record")
      .innerJoin("model_version_detail as v", "v.record_digest", "digest")
      .select(["digest", "body"])
      .executeTakeFirstOrThrow();
    const text = JSON.stringify(change(stored.body as TrainRecord));
    const row = { digest: digestOf(text), stage: "train", path: "x", text } as const;
    await insertStageRecord(db, { ...row, journalText: null, at: new Date(0), actor: "test" });
    await db.updateTable("model_version_detail").set({ record_digest: row.digest }).execute();
    return stored.digest;
  });
  try {
    return await verdicts(of);
  } finally {
    await point(was);
  }
}

async function* chunks(...parts: Uint8Array[]) {
  yield* parts;
}

function withMlmodel(record: TrainRecord, sha256: Digest) {
  const artifacts = record.artifacts.map((file) =>
    file.path.endsWith("/MLmodel") ? { ...file, sha256 } : file,
  );
  return { ...record, artifacts };
}

/** A copy of the project whose store has an MLmodel by another writer. */
async function withOtherWriter() {
  const other = await moved();
  const store = openObjectStore(other.params.artifacts, other.root, other.env, realEffects);
  const { digest } = await store.put({ stream: chunks(Buffer.from("another writer")) });
  return { other, digest };
}

test("other bytes of the model that score alike: same predictions, with the difference", async () => {
  const { other, digest } = await withOtherWriter();
  const { verdict, links } = await verdictsWith(other, (record) => withMlmodel(record, digest));
  expect(verdict).toBe("same predictions (largest difference 0)");
  expect(links.filter((link) => link.verdict !== "identical").map(({ link }) => link)).toEqual([
    "model: model/MLmodel",
  ]);
});

test("where something differs and the version of DuetMind does too, that is the word", async () => {
  const { other, digest } = await withOtherWriter();
  const old = (record: TrainRecord) => ({ ...withMlmodel(record, digest), duetmind: "0.0.1" });
  const { verdict, links } = await verdictsWith(other, old);
  expect(verdict).toBe("code version differs");
  expect(links.find(({ link }) => link === "code")).toMatchObject({ expected: "0.0.1" });
});

test("another version of DuetMind that makes the same bytes is no difference", async () => {
  const old = (record: TrainRecord) => ({ ...record, duetmind: "0.0.1" });
  expect((await verdictsWith(await moved(), old)).verdict).toBe("identical");
});

test("a record that was edited in the database is refused", async () => {
  const edited = (record: TrainRecord) => ({ ...record, seed: 7 });
  const elsewhere = () => digestBytes("the text that was signed for");
  await expect(verdictsWith(await moved(), edited, elsewhere)).rejects.toMatchObject({
    code: "CHECKSUM_MISMATCH",
    message: expect.stringContaining(`record of train: expected ${elsewhere()}`),
  });
});

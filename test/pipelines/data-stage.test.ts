import { spawn, spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { realEffects } from "../../src/core/effects.ts";
import { digestFile } from "../../src/core/hash.ts";
import { dataRecord } from "../../src/pipelines/data-record.ts";
import { runData } from "../../src/pipelines/data-stage.ts";
import { loadProject } from "../../src/pipelines/project.ts";
import { dataProject, writeIn } from "./data-project.ts";

const PATIENTS = "id,age,site,y\n1,70,A,0\n2,,B,1\n2,81,B,1\n3,64,A,0\n";
const SOURCES = "sources: {patients: {path: data/source/patients.csv, key: [id]}}";
const CONTRACT = `columns:
  age: {dtype: float64, nullable: true, checks: {in_range: {min_value: 0, max_value: 120}}}
  site: {dtype: str, sensitivity: phi}
`;

const ROOT = join(import.meta.dirname, "..", "..");
const RUN = [join(ROOT, "node_modules/tsx/dist/cli.mjs"), join(import.meta.dirname, "data-run.ts")];

function listRaw(root: string): string[] {
  const folder = join(root, "data/raw");
  return existsSync(folder) ? readdirSync(folder).sort() : [];
}

test("a source may lie anywhere: its path is absolute, or relative to params.yaml", async () => {
  const elsewhere = await dataProject(SOURCES, {
    "exports/a-1.csv": "id,seen\n1,2024-01-31 10:00:00\n",
    "exports/a-2.csv": "id,seen\n2,2024-02-01 00:00:00.5\n",
  });
  const path = join(elsewhere.root, "exports", "a-{part}.csv");
  const types = "{seen: 'datetime64[ns]'}";
  const project = await dataProject(`sources: {patients: {path: '${path}', types: ${types}}}`, {});
  const { record } = await runData(project, realEffects);
  expect(record.datasets[0]).toMatchObject({
    row_count: 2,
    statistics: [
      { name: "id" },
      { name: "seen", min: "2024-01-31T10:00:00", max: "2024-02-01T00:00:00.5" },
      { name: "part", max: 2 },
    ],
  });
});

test("a source becomes raw Parquet, with a record that says what was made of what", async () => {
  const project = await dataProject(SOURCES, { "data/source/patients.csv": PATIENTS });
  const { record, ingested } = await runData(project, realEffects);
  expect(ingested).toEqual(["patients"]);
  expect(listRaw(project.root)).toEqual(["data.record.json", "patients.parquet"]);
  const text = readFileSync(join(project.root, "data/raw/data.record.json"), "utf8");
  expect(dataRecord.parse(JSON.parse(text))).toEqual(record);
  const [dataset] = record.datasets;
  const file = digestFile(join(project.root, "data/raw/patients.parquet"));
  const source = digestFile(join(project.root, "data/source/patients.csv"));
  expect(dataset).toMatchObject({
    name: "patients",
    path: "data/raw/patients.parquet",
    sha256: file.digest,
    size_bytes: file.sizeBytes,
    row_count: 4,
    column_count: 4,
    sources: [
      {
        path: "data/source/patients.csv",
        format: "csv",
        sha256: source.digest,
        size_bytes: source.sizeBytes,
      },
    ],
    // one missing cell; the second row with id 2 is a duplicate: (16 - 1 - 4) / 16
    quality: {
      missing_cells: 1,
      duplicate_rows: 1,
      invalid_cells: 0,
      cells: 16,
      score: 11 / 16,
    },
    contract: null,
  });
  expect(dataset!.statistics[1]).toMatchObject({
    name: "age",
    type: "float64",
    missing: 1,
    min: 64,
    max: 81,
    mean: 215 / 3,
  });
  expect(dataset!.statistics[2]).toMatchObject({ name: "site", distinct: 2, min: "A", max: "B" });
});

test("a second run with nothing new changes no file; new content is read again", async () => {
  const project = await dataProject(SOURCES, { "data/source/patients.csv": PATIENTS });
  const first = await runData(project, realEffects);
  const second = await runData(project, realEffects);
  expect(second.ingested).toEqual([]);
  expect(second.record).toEqual(first.record);
  writeIn(project.root, "data/source/patients.csv", `${PATIENTS}4,50,A,0\n`);
  const third = await runData(project, realEffects);
  expect(third.ingested).toEqual(["patients"]);
  expect(third.record.datasets[0]!.row_count).toBe(5);
});

test("a raw file that was changed or lost is made again, with the same bytes", async () => {
  const project = await dataProject(SOURCES, { "data/source/patients.csv": PATIENTS });
  const { record } = await runData(project, realEffects);
  const path = join(project.root, "data/raw/patients.parquet");
  for (const harm of [() => writeFileSync(path, "x"), () => rmSync(path)]) {
    harm();
    expect((await runData(project, realEffects)).ingested).toEqual(["patients"]);
    expect(digestFile(path).digest).toBe(record.datasets[0]!.sha256);
  }
});

test("another project in another folder writes the same record, byte for byte", async () => {
  const texts: string[] = [];
  for (let i = 0; i < 2; i++) {
    const project = await dataProject(SOURCES, { "data/source/patients.csv": PATIENTS });
    await runData(project, realEffects);
    texts.push(readFileSync(join(project.root, "data/raw/data.record.json"), "utf8"));
  }
  expect(texts[0]).toBe(texts[1]);
});

test("a contract that does not hold: exit 1, nothing published, the last version stays", async () => {
  const contracts = "contracts: {raw: {patients: contracts/patients.yaml}}";
  const project = await dataProject(`${SOURCES}\n${contracts}`, {
    "data/source/patients.csv": PATIENTS,
    "contracts/patients.yaml": CONTRACT,
  });
  const first = await runData(project, realEffects);
  expect(first.record.datasets[0]!.contract).toMatchObject({ valid: true });
  expect(first.record.datasets[0]!.statistics[2]).toMatchObject({
    name: "site",
    masked: true,
    min: null,
    max: null,
  });
  const before = listRaw(project.root).map((name) =>
    readFileSync(join(project.root, "data/raw", name), "latin1"),
  );
  writeIn(project.root, "data/source/patients.csv", `${PATIENTS}4,700,A,0\n`);
  const error = await runData(project, realEffects).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: "CONTRACT_VIOLATED", exitCode: 1 });
  expect((error as Error).message).toMatch(/age.*in_range\(0, 120\)/s);
  const after = listRaw(project.root).map((name) =>
    readFileSync(join(project.root, "data/raw", name), "latin1"),
  );
  expect(after).toEqual(before);
});

test("one bad source of two publishes neither", async () => {
  const sources =
    "sources: {patients: {path: data/source/patients.csv}, labs: {path: data/source/labs.csv}}";
  const project = await dataProject(sources, {
    "data/source/patients.csv": PATIENTS,
    "data/source/labs.csv": "a,b\n1\n",
  });
  await expect(runData(project, realEffects)).rejects.toMatchObject({ code: "BAD_INPUT" });
  expect(listRaw(project.root)).toEqual([]);
});

test("a key column that is not there, and no source at all", async () => {
  const missing = await dataProject(SOURCES.replace("[id]", "[idd]"), {
    "data/source/patients.csv": PATIENTS,
  });
  await expect(runData(missing, realEffects)).rejects.toMatchObject({
    code: "COLUMN_NOT_FOUND",
    message: 'sources.patients.key: expected a column of the data, got "idd"',
    details: { hint: 'did you mean "id"?' },
  });
  await expect(
    runData({ ...missing, params: { ...missing.params, sources: {} } }, realEffects),
  ).rejects.toMatchObject({ code: "CONFIG_INVALID" });
});

test("an output folder that cannot be made: exit 3, the file's path is named", async () => {
  const project = await dataProject(`data: {raw: blocked/raw}\n${SOURCES}`, {
    "data/source/patients.csv": PATIENTS,
    blocked: "a file where a folder should be",
  });
  await expect(runData(project, realEffects)).rejects.toMatchObject({
    code: "NOT_WRITABLE",
    exitCode: 3,
  });
});

test("a full disk (a limit on file size): exit 3, no temporary file, the old files stay", async () => {
  const project = await dataProject(SOURCES, { "data/source/patients.csv": PATIENTS });
  await runData(project, realEffects);
  const before = digestFile(join(project.root, "data/raw/patients.parquet"));
  const rows = Array.from({ length: 20_000 }, (_, i) => `${i},${(i * 7919) % 1000003},A,0`);
  writeIn(project.root, "data/source/patients.csv", `id,age,site,y\n${rows.join("\n")}\n`);
  const command = `ulimit -f 16; exec "$@"`; // 16 blocks: far less than the new Parquet needs
  const limited = spawnSync("bash", ["-c", command, "bash", process.execPath, ...RUN], {
    cwd: project.root,
    encoding: "utf8",
  });
  expect([limited.status, limited.stdout]).toEqual([3, "DISK_FULL"]);
  expect(listRaw(project.root)).toEqual(["data.record.json", "patients.parquet"]);
  expect(digestFile(join(project.root, "data/raw/patients.parquet"))).toEqual(before);
});

test("killed in the middle: the old files stay, and the next run is clean", async () => {
  const project = await dataProject(SOURCES, { "data/source/patients.csv": PATIENTS });
  await runData(project, realEffects);
  const before = digestFile(join(project.root, "data/raw/patients.parquet"));
  const lines = Array.from({ length: 400_000 }, (_, i) => `${i},${i % 90},S${i % 7},${i % 2}`);
  writeIn(project.root, "data/source/patients.csv", `id,age,site,y\n${lines.join("\n")}\n`);
  const child = spawn(process.execPath, RUN, { cwd: project.root, stdio: "ignore" });
  const ended = new Promise((resolve) => child.once("exit", resolve));
  // the temporary file is the sign that the stage is in its middle
  while (child.exitCode === null && !listRaw(project.root).some((name) => name.endsWith(".tmp"))) {
    await new Promise((resolve) => setImmediate(resolve));
  }
  child.kill("SIGKILL");
  await ended;
  expect(child.signalCode).toBe("SIGKILL");
  expect(digestFile(join(project.root, "data/raw/patients.parquet"))).toEqual(before);
  const again = await runData(await loadProject(project.root, {}, realEffects), realEffects);
  expect(again.record.datasets[0]!.row_count).toBe(400_000);
  expect(listRaw(project.root)).toEqual(["data.record.json", "patients.parquet"]);
});

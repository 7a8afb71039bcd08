import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { openEngine } from "../../src/table/engine.ts";
import { writeParquet } from "../../src/table/parquet-write.ts";
import { lit, sql } from "../../src/table/sql.ts";
import { command, duetmind, dvc } from "./dvc-command.ts";

/** Real DVC judges, restores and runs the reference application and the examples. */
const ROOT = join(import.meta.dirname, "..", "..");
const SHARED = join(ROOT, "..", "shared");
const UP_TO_DATE = "Data and pipelines are up to date.\n";
const LONG = { timeout: 600_000 };
const folder = mkdtempSync(join(tmpdir(), "duetmind-applications-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

type Outcome = Readonly<{ ok: boolean; lock_changed: boolean; stages: { state: string }[] }>;

function reproduce(project: string): Outcome {
  return JSON.parse(duetmind(project, "reproduce", "--json")) as Outcome;
}

/** DVC finds what DuetMind made up to date, runs nothing, and restores it from the cache. */
function expectAgreement(project: string): void {
  expect(reproduce(project)).toMatchObject({ ok: true, lock_changed: true });
  const lock = readFileSync(join(project, "dvc.lock"), "utf8");
  expect(dvc(project, "status")).toBe(UP_TO_DATE);
  expect(dvc(project, "repro")).not.toContain("Running stage");
  expect(readFileSync(join(project, "dvc.lock"), "utf8")).toBe(lock);
  for (const name of ["data", "models"]) rmSync(join(project, name), { recursive: true });
  dvc(project, "checkout");
  expect(duetmind(project, "status")).toBe(UP_TO_DATE);
  const { stages, lock_changed } = reproduce(project);
  expect(lock_changed).toBe(false);
  expect(stages.map(({ state }) => state)).toEqual(stages.map(() => "unchanged"));
}

test("the reference application", LONG, () => {
  duetmind(folder, "init", "reference", "--sample", "alzheimer");
  expectAgreement(join(folder, "reference"));
});

for (const [name, data] of [
  ["heart", "heart-va.csv"],
  ["employment", "employment-reference.parquet"],
] as const) {
  const isThere = existsSync(join(SHARED, "data", data));
  const reason = isThere ? "" : ` (skipped: ../shared/data/${data} is absent)`;
  test.skipIf(!isThere)(`examples/${name}${reason}`, LONG, () => expectAgreement(example(name)));
}

test("examples/flights, every thirtieth flight", LONG, async () => {
  const copy = example("flights");
  const all = join(ROOT, "node_modules/vega-datasets/data/flights-3m.parquet");
  const engine = await openEngine();
  await writeParquet(
    engine,
    sql`SELECT * EXCLUDE (file_row_number) FROM read_parquet(${lit(all)}, file_row_number = true) WHERE file_row_number % 30 = 0 ORDER BY file_row_number`,
    join(copy, "sample.parquet"),
  );
  engine.close();
  for (const file of ["params.yaml", "dvc.yaml"]) {
    const text = readFileSync(join(copy, file), "utf8");
    const changed = text.replaceAll(/\S*flights-3m\.parquet/g, "sample.parquet");
    writeFileSync(join(copy, file), changed);
  }
  expectAgreement(copy);
});

/** A copy in the same place beside `shared` as the original. */
function example(name: string): string {
  const repository = join(folder, name, "repository");
  mkdirSync(join(repository, "examples"), { recursive: true });
  symlinkSync(SHARED, join(folder, name, "shared"));
  const copy = join(repository, "examples", name);
  cpSync(join(ROOT, "examples", name), copy, {
    recursive: true,
    filter: (path) => !/(\.duetmind|[/\\]data|[/\\]models|\.dvc|dvc\.lock)$/.test(path),
  });
  return copy;
}

/** `npx --no -- duetmind` in dvc.yaml, under real DVC: the lock that comes of it is that of DuetMind. */
const sample = ["init", "demo", "--sample", "alzheimer"];

function expectSameLock(project: string, env: Readonly<Record<string, string>>): void {
  command(project, env, "dvc", "repro", "--force");
  const lock = readFileSync(join(project, "dvc.lock"), "utf8");
  expect(reproduce(project)).toMatchObject({ ok: true, lock_changed: false });
  rmSync(join(project, "dvc.lock"));
  duetmind(project, "reproduce", "--force");
  expect(readFileSync(join(project, "dvc.lock"), "utf8")).toBe(lock);
}

test("dvc repro finds the command in a clone", LONG, () => {
  const clone = join(folder, "clone");
  command(folder, {}, "git", "clone", "-q", ROOT, clone);
  for (const name of ["dist", "node_modules"]) symlinkSync(join(ROOT, name), join(clone, name));
  expectSameLock(clone, {});
});

test("dvc repro finds the command of a local install", LONG, () => {
  const local = join(folder, "local");
  mkdirSync(local);
  command(local, {}, "npm", "install", "--prefer-offline", "--loglevel=error", packed());
  command(local, {}, join(local, "node_modules", ".bin", "duetmind"), ...sample);
  dvc(join(local, "demo"), "init", "--no-scm");
  expectSameLock(join(local, "demo"), {});
});

test("dvc repro finds the command of a global install", LONG, () => {
  const prefix = join(folder, "global");
  const env = {
    npm_config_prefix: prefix,
    PATH: [join(prefix, "bin"), process.env["PATH"]].join(delimiter),
  };
  command(folder, env, "npm", "install", "-g", "--prefer-offline", "--loglevel=error", packed());
  const work = join(folder, "global-work");
  mkdirSync(work);
  command(work, env, "duetmind", ...sample);
  dvc(join(work, "demo"), "init", "--no-scm");
  expectSameLock(join(work, "demo"), env);
});

function packed(): string {
  const isTarball = (name: string) => name.endsWith(".tgz");
  if (!readdirSync(folder).some(isTarball)) {
    command(ROOT, {}, "npm", "pack", "--pack-destination", folder, "--loglevel=error");
  }
  return join(folder, readdirSync(folder).find(isTarball)!);
}

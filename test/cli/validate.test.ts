import {
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { runIn } from "../support/run-cli.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "duetmind-validate-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function put(name: string, content: string): void {
  writeFileSync(join(folder, name), content);
}

const run = (...argv: string[]) => runIn(folder, argv);

const CONTRACT = "columns: {age: {dtype: int64, in_range: {min_value: 0, max_value: 120}}}";
const check = ["validate", "--schema", "patients.yaml", "--data", "d.csv"];

test("the document of the command line's page, exit 1", async () => {
  put("patients.yaml", CONTRACT);
  put("d.csv", "age\n-4\n50\n130\n");
  const { exitCode, stdout } = await run(...check, "--json");
  expect(exitCode).toBe(1);
  expect(stdout.endsWith("}\n")).toBe(true);
  const report = JSON.parse(stdout);
  const found = {
    schema_context: "Column",
    column: "age",
    check: "in_range(0, 120)",
    check_number: 0,
  };
  expect(report).toMatchObject({
    schema_version: 1,
    valid: false,
    schema: "patients",
    row_count: 3,
  });
  expect(report.checks.at(-1)).toEqual({
    ...found,
    ...{ severity: "error", status: "failed", checked: 3, failed: 2, listed: 2 },
  });
  expect(report.failures).toEqual([
    { ...found, failure_case: -4, index: 0, severity: "error" },
    { ...found, failure_case: 130, index: 2, severity: "error" },
  ]);
  expect(report.warnings).toEqual([]);
  expect(report.counts).toMatchObject({ failures: 2, listed: 2, failed_checks: 1, failed_rows: 2 });
  expect(report.counts.by_reason).toEqual({ DATAFRAME_CHECK: 1 });
});

test("text for people names column, check, count and examples", async () => {
  put("patients.yaml", CONTRACT);
  put("d.csv", "age\n-4\n50\n130\n");
  const { stdout } = await run(...check);
  expect(stdout).toMatch(/age +in_range\(0, 120\) +2 +-4 in row 0, 130 in row 2/);
});

test("valid data exits 0", async () => {
  put("patients.yaml", CONTRACT);
  put("d.csv", "age\n50\n");
  expect((await run(...check)).exitCode).toBe(0);
});

test.each(["0", "1", "all"])(
  "--max-cases %s caps what is listed, never the counts",
  async (most) => {
    put("patients.yaml", CONTRACT);
    put("d.csv", "age\n-4\n50\n130\n");
    const report = JSON.parse((await run(...check, "--max-cases", most, "--json")).stdout);
    expect(report.failures).toHaveLength(most === "all" ? 2 : Number(most));
    expect(report.counts).toMatchObject({ failures: 2, failed_rows: 2 });
  },
);

test("--rows reads the first rows only: later ones have no say in the types", async () => {
  put("patients.yaml", CONTRACT);
  put("d.csv", "age\n50\n60\nold\n");
  const { exitCode, stdout } = await run(...check, "--rows", "2", "--json");
  expect(exitCode).toBe(0);
  expect(JSON.parse(stdout).row_count).toBe(2);
  expect((await run(...check)).exitCode).toBe(1);
});

test("values of a sensitive column are never shown, equal ones look equal", async () => {
  put("patients.yaml", "columns: {name: {dtype: str, isin: [x], sensitivity: identifier}}");
  put("d.csv", "name\nSecret\nSecret\nOther\n");
  const { stdout, stderr } = await run(...check, "--json");
  expect(stdout + stderr).not.toMatch(/Secret|Other/);
  const shown = JSON.parse(stdout).failures.map(
    (each: { failure_case: string }) => each.failure_case,
  );
  expect(shown[0]).toMatch(/^masked:[0-9a-f]{16}$/);
  expect(shown[1]).toBe(shown[0]);
  expect(shown[2]).not.toBe(shown[0]);
  expect(statSync(join(folder, ".duetmind/mask.key")).mode & 0o777).toBe(0o600);
});

test.each(["csv", "parquet", "ndjson"])(
  "--quarantine writes the bad rows, mode 0600: .%s",
  async (kind) => {
    put("patients.yaml", "columns: {age: {gt: 0}, city: {}}");
    put("d.csv", "age,city\n-4,Bern\n50,Basel\n-1,\n");
    const { exitCode } = await run(...check, "--quarantine", `bad.${kind}`);
    expect(exitCode).toBe(1);
    expect(statSync(join(folder, `bad.${kind}`)).mode & 0o777).toBe(0o600);
    if (kind !== "csv") return;
    expect(readFileSync(join(folder, "bad.csv"), "utf8")).toBe(
      "row_number,age,city,reasons\n0,-4,Bern,age: greater_than(0)\n2,-1,,age: greater_than(0); city: not_nullable\n",
    );
  },
);

test("--output writes what the contract leaves, and nothing when the data is not valid", async () => {
  put("patients.yaml", "{columns: {age: {gt: 0}}, strict: filter, drop_invalid_rows: true}");
  put("d.csv", "age,city\n-4,Bern\n50,Basel\n");
  const dropped = await run(...check, "--output", "good.csv", "--json");
  expect(dropped.exitCode).toBe(0);
  expect(JSON.parse(dropped.stdout).counts).toMatchObject({ failures: 0, dropped_rows: 1 });
  expect(readFileSync(join(folder, "good.csv"), "utf8")).toBe("age\n50\n");
  put("patients.yaml", "columns: {age: {gt: 0}}");
  expect((await run(...check, "--output", "none.csv")).exitCode).toBe(1);
  expect(existsSync(join(folder, "none.csv"))).toBe(false);
});

test("mostly and warnings leave the data valid", async () => {
  put(
    "patients.yaml",
    "columns: {a: {nullable: true, gt: {value: 0, mostly: 0.6}, lt: {value: 3, severity: warning}}}",
  );
  put("d.csv", "a,b\n-1,0\n1,0\n5,0\n,0\n");
  const { exitCode, stdout } = await run(...check, "--json");
  const report = JSON.parse(stdout);
  expect(exitCode).toBe(0);
  expect(report.failures).toEqual([]);
  expect(report.warnings.map((each: { failure_case: number }) => each.failure_case)).toEqual([
    -1, 5,
  ]);
  put("patients.yaml", "columns: {a: {nullable: true, gt: {value: 0, mostly: 0.7}}}");
  expect((await run(...check)).exitCode).toBe(1);
});

test("integers beyond 2^53 keep all digits", async () => {
  put("patients.yaml", "columns: {age: {lt: 5}}");
  put("d.csv", "age\n9007199254740993\n");
  expect((await run(...check, "--json")).stdout).toContain('"failure_case":9007199254740993,');
});

test.each([
  ["no data option", ["validate", "--schema", "patients.yaml"], "got no --data"],
  ["bad count", [...check, "--max-cases", "x"], "--max-cases: expected all or a number"],
  ["bad types", [...check, "--types", "{"], "--types: expected JSON"],
  [
    "missing contract",
    ["validate", "--schema", "no.yaml", "--data", "d.csv"],
    "got nothing at this path",
  ],
  [
    "missing data",
    ["validate", "--schema", "patients.yaml", "--data", "no.csv"],
    "got nothing at this path",
  ],
  ["no project", ["validate"], "expected a project"],
])("%s: exit 2, one document", async (_, argv, message) => {
  put("patients.yaml", CONTRACT);
  put("d.csv", "age\n1\n");
  const { exitCode, stdout } = await run(...argv, "--json");
  expect(exitCode).toBe(2);
  expect(JSON.parse(stdout).error.message).toContain(message);
});

test("a contract that cannot be: exit 2 with its place", async () => {
  put("patients.yaml", "columns:\n  age: {in_range: {min_value: 9, max_value: 1}}");
  put("d.csv", "age\n1\n");
  const { exitCode, stdout } = await run(...check, "--json");
  expect(exitCode).toBe(2);
  expect(JSON.parse(stdout).error).toMatchObject({
    ...{ code: "CONTRACT_INVALID", file: "patients.yaml", path: "columns.age.in_range", line: 2 },
  });
});

test("an inferred contract holds for its own data, and contract show gives the same back", async () => {
  const rows = Array.from(
    { length: 100 },
    (_, i) => `${i},${i % 3},${i / 7},c${i % 2},${i % 5 === 0 ? "" : i}`,
  );
  put("d.csv", `id,kind,score,city,gap\n${rows.join("\n")}\n`);
  const { exitCode, stdout } = await run("validate", "--infer", "d.csv");
  expect(exitCode).toBe(0);
  put("patients.yaml", stdout);
  expect((await run(...check)).exitCode).toBe(0);
  const shown = JSON.parse((await run("contract", "show", "patients.yaml", "--json")).stdout);
  expect(shown.columns.id).toMatchObject({ unique: true, checks: [] });
  expect(shown.columns.city.checks[0].statistics).toEqual({ allowed_values: ["c0", "c1"] });
  expect(shown.columns.score.checks[0].statistics).toMatchObject({ min_value: 0 });
  expect(shown.columns.gap.nullable).toBe(true);
  put("back.yaml", (await run("contract", "show", "patients.yaml", "--yaml")).stdout);
  expect(JSON.parse((await run("contract", "show", "back.yaml", "--json")).stdout)).toEqual(shown);
});

/** The lists are what Pandera 0.35.0 finds in the empty frame, but for its dtype `object` (docs/contracts.md). */
test.each([
  ["columns: {a: {dtype: int64, gt: 0}, b: {dtype: bool}, c: {dtype: 'datetime64[ns]'}}", []],
  ["columns: {a: {dtype: object}, b: {gt: {value: 0, ignore_na: false}}}\nunique: [a, b]", []],
  [
    "columns: {a: {dtype: int64, coerce: true, unique: true, unique_values_eq: [1]}, b: {str_matches: x}}",
    [["a", "unique_values_eq([1])", false]],
  ],
  ["columns: {a: {gt: 1}, e: {dtype: int64}}", [[null, "column_in_dataframe", "e"]]],
  [
    "columns: {a: {}}\nstrict: true",
    [
      [null, "column_in_schema", "b"],
      [null, "column_in_schema", "c"],
    ],
  ],
])("a header without rows is a table: %s", async (contract, expected) => {
  put("patients.yaml", contract);
  put("d.csv", "a,b,c\n");
  const { exitCode, stdout } = await run(...check, "--html", "page.html", "--json");
  const report = JSON.parse(stdout);
  const found = report.failures.map(
    (each: { column: unknown; check: unknown; failure_case: unknown }) => [
      each.column,
      each.check,
      each.failure_case,
    ],
  );
  expect(found).toEqual(expected);
  expect(report).toMatchObject({ row_count: 0, valid: expected.length === 0 });
  expect(exitCode).toBe(expected.length === 0 ? 0 : 1);
});

test("a table without rows is written as its header; a file without one is DATA_EMPTY", async () => {
  put("patients.yaml", "columns: {a: {dtype: int64, coerce: true}}\nstrict: filter");
  put("d.csv", "a,b\n");
  expect((await run(...check, "--output", "out.csv", "--quarantine", "bad.csv")).exitCode).toBe(0);
  expect(readFileSync(join(folder, "out.csv"), "utf8")).toBe("a\n");
  expect((await run(...check, "--rows", "3")).exitCode).toBe(0);
  for (const content of ["", "\n"]) {
    put("d.csv", content);
    const { exitCode, stdout } = await run(...check, "--json");
    expect([exitCode, JSON.parse(stdout).error.code]).toEqual([2, "DATA_EMPTY"]);
  }
});

test("a foreign key looks into a file of the working folder, or a dataset of the project there", async () => {
  const refer = (to: string) =>
    put("patients.yaml", `columns: {}\ntable_checks: {foreign_key: {columns: id, ${to}}}\n`);
  put("d.csv", "id\n1\n3\n");
  put("known.csv", "id\n1\n2\n");
  refer("file: known.csv");
  const { exitCode, stdout } = await run(...check);
  expect(exitCode).toBe(1);
  expect(stdout).toMatch(/id +foreign_key\('id', 'known.csv', 'id'\) +1 +3 in row 1/);
  refer("dataset: known");
  const none = await run(...check);
  expect([none.exitCode, none.stderr]).toEqual([2, expect.stringContaining("expected a project")]);
  const rest =
    "features: {view: f, source: known, subject: id, target: y, transforms: [{numeric: age}]}\nmodel: {name: m}\ntracking: {experiment: e}\n";
  put("params.yaml", `sources: {known: {path: known.csv}}\n${rest}`);
  const early = await run(...check);
  expect(early.stderr).toContain("data/raw/known.parquet: expected a raw dataset, got no file");
  await run("data");
  expect((await run(...check)).stdout).toContain("3 in row 1");
});

test.each([
  [["--output", "d.csv"], "--output: expected a file of its own, got d.csv, which is what is read"],
  [["--output", "./link.csv"], "which is what is read"],
  [["--quarantine", "d.csv"], "--quarantine: expected a file of its own"],
  [["--html", "patients.yaml"], "--html: expected a file of its own, got patients.yaml"],
  [["--output", "o.csv", "--quarantine", "./o.csv"], "got ./o.csv, which is that of --output"],
])("nothing is written over what is read: %s", async (options, message) => {
  put("patients.yaml", `${CONTRACT}\ndrop_invalid_rows: true\n`);
  put("d.csv", "age\n50\n130\n");
  symlinkSync("d.csv", join(folder, "link.csv"));
  for (const data of ["d.csv", "d.*"]) {
    const argv = ["validate", "--schema", "patients.yaml", "--data", data, ...options];
    const { exitCode, json } = await run(...argv, "--json");
    expect(exitCode).toBe(2);
    expect(json()).toMatchObject({
      error: { code: "USAGE", message: expect.stringContaining(message) },
    });
  }
  expect(readFileSync(join(folder, "d.csv"), "utf8")).toBe("age\n50\n130\n");
});

test.each([
  ["validate", "--schema", "patients.yaml", "--data"],
  ["validate", "--schema", "patients.yaml", "--output", "out.csv", "--data"],
  ["validate", "--infer"],
  ["profile", "--json"],
])("an address says to declare a source: %s %s", async (...argv) => {
  put("patients.yaml", CONTRACT);
  const { exitCode, stderr } = await run(...argv, "s3://bucket/key.parquet");
  expect(exitCode).toBe(2);
  expect(stderr).toContain(
    "s3://bucket/key.parquet: expected a file on this machine, got an address",
  );
  expect(stderr).toContain("declare it as a source in params.yaml");
});

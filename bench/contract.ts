import { existsSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type PythonEnvironment, pythonEnvironment } from "../test/interop/python-environment.ts";
import { BENCH_CONTRACT, BENCH_COUNTS } from "./contract-checks.ts";
import { makeContractParquet } from "./contract-data.ts";
import { duetmind, figures, measureProcess, medianOf, type Used } from "./measure-process.ts";
import { type BenchCase, reportBench } from "./result.ts";

/**
 * `duetmind validate` with a contract of 20 checks on 10 million rows × 12 columns of Parquet, in a
 * process of its own, start-up included, against Pandera (lazy, reading included) and one bare SELECT
 * of the same counts through DuckDB's Node API. Each case is run in turn, three times; medians count.
 * A profile of the same file is measured beside it. `npm run build` comes first. DUETMIND_BENCH_CACHE keeps the data.
 */
const ROWS = 10_000_000;
const ROUNDS = 3;
const root = join(import.meta.dirname, "..");
const cache = process.env["DUETMIND_BENCH_CACHE"] ?? tmpdir();
const folder = mkdtempSync(join(tmpdir(), "duetmind-bench-"));

async function main(): Promise<void> {
  const pandas3 = await pythonEnvironment("pandera");
  const pandas2 = await pythonEnvironment("pandera-pandas-2");
  const polars = await pythonEnvironment("pandera-polars");
  const own = await makeContractParquet(cache, ROWS, "good");
  const small = await makeContractParquet(cache, ROWS / 10, "good");
  const bad = await makeContractParquet(cache, ROWS, "bad");
  const [plain, plainSmall, plainBad] = [own, small, bad].map((path) => strip(pandas3, path));
  const contract = save("contract.yaml", BENCH_CONTRACT);
  const key = save("key.yaml", "columns: {id: {dtype: int64, unique: true}}\n");
  const pattern = "^u[0-9]+@[a-z.]+$";
  const regex = save("regex.yaml", `columns: {email: {dtype: str, str_matches: '${pattern}'}}\n`);
  const cases = {
    ours: () => validate(contract, plain!, 0),
    bare: () => select(BENCH_COUNTS, plain!),
    "ours, own file": () => validate(contract, own, 0),
    "bare, own file": () => select(BENCH_COUNTS, own),
    "ours, bad": () => validate(contract, plainBad!, 1, "--max-cases", "all"),
    "ours, small": () => validate(contract, plainSmall!, 0),
    "ours, key": () => validate(key, plain!, 0),
    "bare, key": () => select(["count(DISTINCT id)"], plain!),
    "ours, regex": () => validate(regex, plain!, 0),
    "bare, regex": () =>
      select([`count(*) FILTER (WHERE NOT regexp_matches(email, '${pattern}'))`], plain!),
    profile: () => measureProcess(0, ...duetmind("profile", plain!, "--json")),
    "pandas 2": () => pandera(pandas2, "pandas", contract, plain!),
    "pandas 3": () => pandera(pandas3, "pandas", contract, plain!),
    polars: () => pandera(polars, "polars", contract, plain!),
  };
  const rounds: Record<string, Used>[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    rounds.push(Object.fromEntries(Object.entries(cases).map(([name, run]) => [name, run()])));
  }
  const used = (name: keyof typeof cases): Used => medianOf(rounds.map((round) => round[name]!));
  const cpu = (title: string, ours: Used, peer: Used, name: string, most: number): BenchCase => ({
    case: title,
    ours: figures(ours),
    peer: { name, ...figures(peer) },
    figure: ours.cpuSeconds / peer.cpuSeconds,
    bar: { op: "<=", value: most },
  });
  const [ours, bare] = [used("ours"), used("bare")];
  const what = `20 checks, ${ROWS} rows × 12 columns`;
  const SELECT = "DuckDB, one bare SELECT";
  const python = (name: "pandas 2" | "pandas 3" | "polars", most: number) =>
    cpu(`${what}, CPU time`, ours, used(name), `Pandera 0.35.0 on ${name}, lazy`, most);
  const memory = (title: string, peer: string, mebibytes: number, most: number): BenchCase => ({
    case: title,
    ours: figures(ours),
    peer: { name: peer, mebibytes },
    figure: ours.mebibytes / mebibytes,
    bar: { op: "<=", value: most },
  });
  const tenth = used("ours, small");
  reportBench("contract", [
    cpu(`${what}, no statistics, CPU time`, ours, bare, SELECT, 1.2),
    memory(`${what}, no statistics, resident memory`, "450 MiB", 450, 1),
    cpu(
      `${what}, our own file, CPU time`,
      used("ours, own file"),
      used("bare, own file"),
      SELECT,
      0.5,
    ),
    cpu(`${what}, 1 % bad rows, all listed, CPU time`, used("ours, bad"), ours, "good rows", 1.5),
    cpu(`profile of ${ROWS} rows × 12 columns, CPU time`, used("profile"), ours, "20 checks", 3),
    python("pandas 2", 1 / 8),
    python("pandas 3", 1 / 2.5),
    python("polars", 1),
    memory(
      `${what}, resident memory`,
      "Pandera 0.35.0 on polars, lazy",
      used("polars").mebibytes,
      1 / 3,
    ),
    cpu("uniqueness of a key, CPU time", used("ours, key"), used("bare, key"), SELECT, 1.2),
    cpu(
      "a regular expression over text, CPU time",
      used("ours, regex"),
      used("bare, regex"),
      SELECT,
      1.2,
    ),
    cpu("growth from a tenth of the rows, CPU time", ours, tenth, `${ROWS / 10} rows`, 10.5),
    memory(
      "growth from a tenth of the rows, resident memory",
      `${ROWS / 10} rows`,
      tenth.mebibytes,
      1.1,
    ),
  ]);
}

function save(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

function validate(contract: string, data: string, status: number, ...more: string[]): Used {
  const words = ["validate", "--json", ...more, "--schema", contract, "--data", data];
  return measureProcess(status, ...duetmind(...words));
}

function select(counts: readonly string[], data: string): Used {
  const query = `SELECT ${counts.join(", ")} FROM read_parquet('${data}')`;
  return measureProcess(0, process.execPath, join(root, "bench", "bare-select.mjs"), query);
}

function pandera(
  environment: PythonEnvironment,
  library: string,
  contract: string,
  data: string,
): Used {
  const script = join(root, "bench", "contract-pandera.py");
  const used = measureProcess(0, environment.python, script, library, contract, data);
  if (used.output.trim() !== "0") throw new Error(`${library}: expected 0, got ${used.output}`);
  return used;
}

/** The same data without statistics, as a file of another tool. */
function strip({ run }: PythonEnvironment, path: string): string {
  const plain = path.replace(/\.parquet$/, "-plain.parquet");
  if (!existsSync(plain)) {
    run([join(root, "bench", "contract-strip.py"), path, `${plain}.new`]);
    renameSync(`${plain}.new`, plain);
  }
  return plain;
}

try {
  await main();
} finally {
  rmSync(folder, { recursive: true, force: true });
}

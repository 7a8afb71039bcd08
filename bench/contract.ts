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
 * The data is measured as our own writer, as pandas by default and as a writer of no statistics keeps it.
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
  const [plain, plainSmall, plainBad] = [own, small, bad].map((path) =>
    rewrite(pandas3, "strip", path),
  );
  const byPandas = rewrite(pandas3, "pandas", own);
  const contract = save("contract.yaml", BENCH_CONTRACT);
  const key = save("key.yaml", "columns: {id: {dtype: int64, unique: true}}\n");
  const pattern = "^u[0-9]+@[a-z.]+$";
  const regex = save("regex.yaml", `columns: {email: {dtype: str, str_matches: '${pattern}'}}\n`);
  const cases = {
    ours: () => validate(contract, plain!, 0),
    bare: () => select(BENCH_COUNTS, plain!),
    "ours, own file": () => validate(contract, own, 0),
    "bare, own file": () => select(BENCH_COUNTS, own),
    "ours, pandas file": () => validate(contract, byPandas, 0),
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
    "pandas 2, pandas file": () => pandera(pandas2, "pandas", contract, byPandas),
    "pandas 3, pandas file": () => pandera(pandas3, "pandas", contract, byPandas),
    "polars, pandas file": () => pandera(polars, "polars", contract, byPandas),
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
  const memory = (title: string, mine: Used, peer: string, mebibytes: number, most: number) => ({
    case: title,
    ours: figures(mine),
    peer: { name: peer, mebibytes },
    figure: mine.mebibytes / mebibytes,
    bar: { op: "<=" as const, value: most },
  });
  const pandera035 = (title: string, mine: Used, file: "" | ", pandas file"): BenchCase[] => {
    const name = (library: string) => `Pandera 0.35.0 on ${library}, lazy`;
    const time = (library: "pandas 2" | "pandas 3" | "polars", most: number) =>
      cpu(`${title}, CPU time`, mine, used(`${library}${file}`), name(library), most);
    const { mebibytes } = used(`polars${file}`);
    return [
      time("pandas 2", 1 / 8),
      time("pandas 3", 1 / 2.5),
      time("polars", 1),
      memory(`${title}, resident memory`, mine, name("polars"), mebibytes, 1 / 3),
    ];
  };
  const tenth = used("ours, small");
  reportBench("contract", [
    cpu(`${what}, no statistics, CPU time`, ours, bare, SELECT, 1.2),
    memory(`${what}, no statistics, resident memory`, ours, "450 MiB", 450, 1),
    cpu(
      `${what}, our own file, CPU time`,
      used("ours, own file"),
      used("bare, own file"),
      SELECT,
      0.5,
    ),
    cpu(`${what}, 1 % bad rows, all listed, CPU time`, used("ours, bad"), ours, "good rows", 1.5),
    cpu(`profile of ${ROWS} rows × 12 columns, CPU time`, used("profile"), ours, "20 checks", 3),
    ...pandera035(what, ours, ""),
    ...pandera035(`${what}, as pandas writes it`, used("ours, pandas file"), ", pandas file"),
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
      ours,
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

/** The same data as another tool keeps it: by pandas with its defaults, or without statistics. */
function rewrite({ run }: PythonEnvironment, as: "pandas" | "strip", path: string): string {
  const ending = as === "strip" ? "plain" : as;
  const written = path.replace(/\.parquet$/, `-${ending}.parquet`);
  if (!existsSync(written)) {
    run([join(root, "bench", `contract-${as}.py`), path, `${written}.new`]);
    renameSync(`${written}.new`, written);
  }
  return written;
}

try {
  await main();
} finally {
  rmSync(folder, { recursive: true, force: true });
}

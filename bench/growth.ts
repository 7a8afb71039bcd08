import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openEngine } from "../src/table/engine.ts";
import { lit, raw, sql } from "../src/table/sql.ts";
import { commandUsage, type Usage } from "./command-usage.ts";
import { type BenchCase, reportBench } from "./result.ts";

/**
 * From 1 to 10 million rows × 12 columns: `duetmind data`, `validate` and `features` as a user runs
 * them, each in a process of its own, so that its peak RSS is its own. Registration, which does not
 * depend on rows, is left out: it would flatter the ratio. Bars: at most 10.5 times the time, held to
 * CPU seconds (user and system), which others on the machine change least, with the wall ratio beside
 * it; and 1.1 times the RSS. An argument makes it smaller: `npm run bench bench/growth.ts 100000` compares
 * 100,000 rows with a million.
 *
 *     npm run build && npm run bench bench/growth.ts
 */
const FEW = Number(process.argv[2] ?? 1_000_000);
const COMMANDS = ["data", "validate", "features"] as const;
const DEFERRED = { DUETMIND_DEFER_REGISTRATION: "1" };
const PARAMS = `sources:
  visits:
    path: visits.csv
    types: {visit_date: "datetime64[ns]"}
    key: [record_id]
contracts: {raw: {visits: contracts/visits.yaml}}
features:
  view: bench
  source: visits
  subject: patient_id
  target: diagnosis
  transforms:
    - {numeric: [age, volume, weight], impute: median, scale: standard}
    - {numeric: tau, clip: {quantiles: [0.01, 0.99]}, log: true, scale: robust}
    - {numeric: score, bin: {quantiles: 5}}
    - {categorical: site, encode: one_hot}
    - {ratio: [volume, age]}
model: {name: bench}
tracking: {experiment: bench}
`;
const CONTRACT = `schema_type: dataframe
columns:
  record_id: {dtype: int64, nullable: false}
  patient_id: {dtype: str, nullable: false, checks: {str_startswith: P}}
  site: {dtype: str, checks: {isin: [Amsterdam, Boston, Chennai, Dakar, Edinburgh, Fukuoka]}}
  age: {dtype: int64, checks: {in_range: {min_value: 18, max_value: 120}}}
  score: {dtype: int64, checks: {in_range: {min_value: 0, max_value: 30}}}
  volume: {dtype: float64, nullable: true, checks: {greater_than: 0}}
  amyloid: {dtype: float64, checks: {in_range: {min_value: 0, max_value: 1}}}
`;

const few = await runAll(FEW);
const many = await runAll(10 * FEW);
const cases = COMMANDS.flatMap((command) =>
  compare(command, few.get(command)!, many.get(command)!),
);
reportBench("growth", cases);

function compare(command: string, a: Usage, b: Usage): BenchCase[] {
  const [wall, cpu] = [b.wallSeconds / a.wallSeconds, b.cpuSeconds / a.cpuSeconds];
  const name = `duetmind ${command}, ${FEW} to ${10 * FEW} rows`;
  return [
    {
      case: `${name}: time`,
      ours: { wall_seconds: b.wallSeconds, cpu_seconds: b.cpuSeconds },
      peer: { name: `${FEW} rows`, wall_seconds: a.wallSeconds, cpu_seconds: a.cpuSeconds },
      ratios: { wall, cpu, held_to_bar: "cpu" },
      figure: cpu,
      bar: { op: "<=", value: 10.5 },
    },
    {
      case: `${name}: peak RSS`,
      ours: { rss_mb: b.rssMb },
      peer: { name: `${FEW} rows`, rss_mb: a.rssMb },
      figure: b.rssMb / a.rssMb,
      bar: { op: "<=", value: 1.1 },
    },
  ];
}

async function runAll(rows: number): Promise<Map<string, Usage>> {
  const root = mkdtempSync(join(tmpdir(), "duetmind-bench-"));
  try {
    await makeProject(root, rows);
    return new Map(COMMANDS.map((command) => [command, commandUsage(root, [command], DEFERRED)]));
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

async function makeProject(root: string, rows: number): Promise<void> {
  mkdirSync(join(root, "contracts"), { recursive: true });
  writeFileSync(join(root, "params.yaml"), PARAMS);
  writeFileSync(join(root, "contracts/visits.yaml"), CONTRACT);
  const engine = await openEngine();
  const query = sql`SELECT 1000000000 + r AS record_id, 'P' || lpad((r // 3)::VARCHAR, 8, '0') AS patient_id,
      TIMESTAMP '2015-01-01' + INTERVAL (hash(r) % 5000000) MINUTE AS visit_date,
      ['Amsterdam', 'Boston', 'Chennai', 'Dakar', 'Edinburgh', 'Fukuoka'][1 + (hash(r + 1) % 6)::INTEGER] AS site,
      40 + hash(r + 2) % 60 AS age, hash(r + 3) % 31 AS score,
      CASE WHEN hash(r + 4) % 50 > 0 THEN 900 + (hash(r + 5) % 3000000) / 10000 END AS volume,
      2 + (hash(r + 6) % 1000000) / 1000000 AS thickness, (1 + hash(r + 7) % 10000000) / 977 AS tau,
      (hash(r + 8) % 1000000) / 1000000 AS amyloid, 45 + (hash(r + 9) % 600000) / 10000 AS weight,
      (hash(r + 3) % 31 + hash(r + 10) % 9 < 17)::INTEGER AS diagnosis
    FROM range(${raw(String(rows))}) t(r)`;
  await engine.run(sql`COPY (${query}) TO ${lit(join(root, "visits.csv"))} (FORMAT csv)`);
  engine.close();
}

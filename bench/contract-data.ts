import { existsSync, renameSync } from "node:fs";
import { join } from "node:path";
import { openEngine } from "../src/table/engine.ts";
import { writeParquet } from "../src/table/parquet-write.ts";
import { raw, sql } from "../src/table/sql.ts";

/** One row in a thousand breaks each of ten checks, so one in a hundred is bad. */
const BAD = {
  patient: "'Q-1'",
  site: "'Paris'",
  sex: "'?'",
  age: "-4",
  visits: "77",
  bmi: "200",
  systolic: "NULL",
  score: "-1",
  email: "'x'",
  code: "'ZZZZ'",
} as const;

const GOOD: Readonly<Record<string, string>> = {
  id: "i",
  patient: "'P-' || lpad((h % 4000000)::VARCHAR, 8, '0')",
  site: "['Bern', 'Basel', 'Zürich', 'Genf', 'Chur', 'Luzern', 'Aarau', 'Sion'][1 + (h >> 8) % 8]",
  sex: "['f', 'm', 'x'][1 + (h >> 16) % 3]",
  age: "((h >> 4) % 90)::BIGINT",
  visits: "((h >> 12) % 40)::INTEGER",
  bmi: "(15 + ((h >> 3) % 3000000) / 100000)::DOUBLE",
  systolic: "(90 + ((h >> 5) % 9000000) / 100000)::DOUBLE",
  score: "(((h >> 7) % 1000003) / 1000003)::DOUBLE",
  seen: "TIMESTAMP '2020-01-01' + to_seconds((h >> 6) % 150000000)",
  email: "'u' || i || '@example.org'",
  code: "['A00', 'B10', 'C20', 'D30', 'E40', 'F50'][1 + (h >> 20) % 6]",
};

/** Makes 12 columns of visits as Parquet, by our own writer, the same on every run, or finds them. */
export async function makeContractParquet(
  folder: string,
  rows: number,
  quality: "good" | "bad",
): Promise<string> {
  const path = join(folder, `duetmind-contract-${quality}-${rows}.parquet`);
  if (existsSync(path)) return path;
  const wrong: Readonly<Record<string, string>> = quality === "bad" ? BAD : {};
  const columns = Object.entries(GOOD).map(([name, good]) => {
    const place = Object.keys(BAD).indexOf(name);
    const value =
      wrong[name] === undefined
        ? good
        : `CASE WHEN (h >> 24) % 1000 = ${place} THEN ${wrong[name]} ELSE ${good} END`;
    return `${value} AS ${name}`;
  });
  // an integer of 53 bits from the number of the row (Knuth's multiplier), not a hash of DuckDB's own
  const mixed = `((i::HUGEINT * 6364136223846793005 + 1442695040888963407) % 9007199254740881)::BIGINT`;
  const engine = await openEngine({ memoryLimitMb: 2048 });
  const query = `SELECT ${columns.join(", ")} FROM (SELECT i, ${mixed} AS h FROM range(${rows}) t(i)) ORDER BY id`;
  await writeParquet(engine, sql`${raw(query)}`, `${path}.new`);
  engine.close();
  renameSync(`${path}.new`, path);
  return path;
}

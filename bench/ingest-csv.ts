import { createHash } from "node:crypto";
import { closeSync, existsSync, openSync, renameSync, writeSync } from "node:fs";
import { join } from "node:path";
import { createRandom } from "../src/core/random.ts";

const SITES = [
  "Amsterdam",
  "Boston",
  "Chennai",
  "Dakar",
  "Edinburgh",
  "Fukuoka",
  "Geneva",
  "Hobart",
];
const HEADER =
  "record_id,visit_date,age,score,site,patient_id,volume,thickness,amyloid,tau,weight,pressure";

/**
 * The bench's table: 5 million rows × 12 columns by default, made once in a folder and kept there.
 * One bigint, one date and time, two integers, six doubles (one of them 2 % empty), two texts.
 */
export function makeIngestCsv(folder: string, rows: number): string {
  const path = join(folder, `duetmind-ingest-${rows}.csv`);
  if (existsSync(path)) return path;
  const random = createRandom("bench.ingest");
  const temporary = `${path}.${createHash("sha256").update(path).digest("hex").slice(0, 8)}.tmp`;
  const fd = openSync(temporary, "w");
  let lines = [HEADER];
  for (let row = 0; row < rows; row++) {
    lines.push(line(row, random.integer, random.uniform));
    if (lines.length === 20_000 || row === rows - 1) {
      writeSync(fd, `${lines.join("\n")}\n`);
      lines = [];
    }
  }
  closeSync(fd);
  renameSync(temporary, path);
  return path;
}

function line(row: number, integer: (bound: number) => number, uniform: () => number): string {
  const minute = integer(60).toString().padStart(2, "0");
  const day = (1 + integer(28)).toString().padStart(2, "0");
  const date = `20${10 + integer(15)}-0${1 + integer(9)}-${day} 1${integer(10)}:${minute}:00`;
  const patient = `P${integer(1_000_000).toString().padStart(7, "0")}`;
  const volume = integer(50) === 0 ? "" : String(900 + 300 * uniform());
  return [
    1_000_000_000_000 + row,
    date,
    40 + integer(60),
    integer(31),
    SITES[integer(SITES.length)],
    patient,
    volume,
    2 + uniform(),
    100 * uniform(),
    uniform(),
    45 + 60 * uniform(),
    (80 + 100 * uniform()).toFixed(1),
  ].join(",");
}

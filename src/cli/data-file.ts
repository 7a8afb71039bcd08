import { createWriteStream } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { DuetMindError } from "../core/errors.ts";
import { writeStream } from "../core/write-stream.ts";
import type { Engine } from "../table/engine.ts";
import { withPlainText } from "../table/plain-text.ts";
import { describeRelation, type Relation } from "../table/relation.ts";
import { openSource } from "../table/source.ts";
import { commonFormat, listFiles } from "../table/source-files.ts";
import type { DataFormat } from "../table/source-params.ts";
import { copyFirstRecords, firstRows } from "../validation/output-sql.ts";

export type DataFile = Readonly<{
  /** A path, or - for stdin. */
  data: string;
  format: DataFormat | undefined;
  types: Readonly<Record<string, string>>;
  rows: number;
  /** A header without rows is a table too. */
  mayBeEmpty?: boolean;
  cwd: string;
}>;

/** Opens the data that a person named, whole or its first rows, and cleans up after its use. */
export async function withDataFile<T>(
  engine: Engine,
  file: DataFile,
  use: (relation: Relation) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "duetmind-data-"));
  try {
    return await use(await open(engine, file, folder));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Where the data is on this machine; an address would be taken for a path that is not there. */
export function dataPath(data: string, cwd: string): string {
  if (/^[a-z][a-z0-9+.-]+:\/\//i.test(data)) {
    throw new DuetMindError("USAGE", `${data}: expected a file on this machine, got an address`, {
      hint: "declare it as a source in params.yaml and fetch it with: duetmind data",
    });
  }
  return resolve(cwd, data);
}

async function open(engine: Engine, file: DataFile, folder: string): Promise<Relation> {
  let path = dataPath(file.data, file.cwd);
  if (file.data === "-") {
    if (file.format === undefined) {
      throw new DuetMindError("USAGE", "-: expected --format for data from stdin, got none");
    }
    path = join(folder, `stdin.${file.format}`);
    await writeStream([process.stdin], createWriteStream(path, { mode: 0o600 }));
  }
  const files = await listFiles(engine, path, file.format);
  const format = commonFormat(files, file.format);
  const { types, mayBeEmpty } = file;
  if (!Number.isFinite(file.rows)) return openSource(engine, { path, format, types, mayBeEmpty });
  const isTold = files.some(({ pathValues }) => pathValues !== undefined);
  if ((format === "csv" || format === "tsv") && !isTold) {
    // the rows that are not read have no say in the types of the columns
    const first = join(folder, `first.${format}`);
    const paths = files.map((each) => each.path);
    await withPlainText(paths, { encoding: "utf-8", decompress: {} }, (plain) => {
      const from = plain.map((each) => each.path);
      return engine.run(copyFirstRecords(from, first, format, file.rows));
    });
    return openSource(engine, { path: first, format, types, mayBeEmpty });
  }
  const relation = await openSource(engine, { path, format, types, mayBeEmpty });
  const { sql, numbered } = firstRows(relation, file.rows);
  return describeRelation(engine, sql, numbered);
}

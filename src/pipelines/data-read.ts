import type { Effects } from "../core/effects.ts";
import { DuetMindError } from "../core/errors.ts";
import { columnMissing } from "../sources/database-columns.ts";
import { emptyError } from "../table/csv-header.ts";
import { digestBeside } from "../table/digest-beside.ts";
import type { Engine } from "../table/engine.ts";
import { inLittleMemory, littleMemoryMb } from "../table/little-memory.ts";
import { openParquet } from "../table/parquet-source.ts";
import { writeParquet, writeScan } from "../table/parquet-write.ts";
import { type Relation, type RelationColumn, ROW_NUMBER } from "../table/relation.ts";
import { withSource } from "../table/source.ts";
import { id, join, sql } from "../table/sql.ts";
import { type Contract, DEFAULT_EVOLUTION, type Evolution } from "../validation/contract.ts";
import { evolveContract } from "../validation/evolve-contract.ts";
import { type OpenReference, openReferencedFile } from "../validation/plan-foreign-key.ts";
import { type ContractOutcome, contractOf, holdToContract } from "./data-contract.ts";
import { type PlannedDataset, type SourceDigest, toSourceDigest } from "./data-plan.ts";
import { storeQuarantine } from "./data-quarantine.ts";
import { checkColumns, FROZEN, keepTypes, type Shape, unlikeEarlier } from "./increment-shape.ts";
import { nameOfOrigin } from "./name-of-origin.ts";
import type { BaseProject } from "./project.ts";
import type { StoredFile } from "./raw-manifest.ts";

/** A source, or some of its files, as raw Parquet at `path` that its contract holds for. */
export type ReadRows = Readonly<{
  relation: Relation;
  /** As the files had them, before the contract coerced or added anything. */
  readColumns: readonly RelationColumn[];
  contract: ContractOutcome;
  /** The rows that the contract dropped. */
  quarantine: StoredFile | null;
  /** What a change of the columns means, and whether the contract itself says so. */
  policy: Evolution;
  isPolicyWritten: boolean;
  /** Those that the contract left out are in. */
  rowsRead: number;
}>;

export type ReadOptions = Readonly<{
  mayBeEmpty?: boolean;
  /** The columns of earlier rows, which these are held against. */
  shape?: Shape | null;
  /** What foreign keys look into; the rows of a dataset that grows have none to check. */
  openReference?: OpenReference;
}>;

/**
 * Reads files of a source into a raw Parquet file at `path` and holds its rows to their contract, and
 * their columns to those of earlier rows. Throws DATA_EMPTY, unless `mayBeEmpty`.
 */
export async function readRows(
  project: BaseProject,
  engine: Engine,
  planned: PlannedDataset,
  path: string,
  effects: Effects,
  { mayBeEmpty = false, shape = null, openReference = openReferencedFile }: ReadOptions = {},
): Promise<ReadRows> {
  const written = await contractOf(planned, effects);
  const policy = written === null ? FROZEN : (written.evolution ?? DEFAULT_EVOLUTION);
  await writeRaw(engine, planned, shape, policy, path);
  const file = await openParquet(engine, [path]);
  if (file.rowCount === 0 && !mayBeEmpty) throw emptyError(planned.subject);
  checkKey(planned, file);
  const isLater = shape !== null && file.rowCount > 0;
  const ignored = isLater ? checkColumns(planned, shape, file.columns, policy) : new Set<string>();
  const read = withoutColumns(file, ignored);
  const ofRows = written === null ? null : forRows(planned, written);
  const held = isLater && ofRows !== null ? evolveContract(ofRows, read.columns) : ofRows;
  const contract = await holdToContract(
    project,
    engine,
    planned,
    held,
    read,
    openReference,
    effects,
  );
  const { validation } = contract;
  const quarantine = await storeQuarantine(project, engine, planned, read, validation, effects);
  const relation = await applyContract(engine, file, contract.output, path);
  return {
    relation,
    readColumns: read.columns,
    contract,
    quarantine,
    policy,
    isPolicyWritten: written !== null && written.evolution !== null,
    rowsRead: read.rowCount,
  };
}

/** Checks of the table as a whole are for all parts together, not for each increment. */
function forRows({ growth }: PlannedDataset, contract: Contract): Contract {
  return growth === null ? contract : { ...contract, tableChecks: null };
}

/**
 * Writes the rows as the source has them. Where another type is taken as it comes, values that are not
 * of the old one have their columns read anew, as what they are.
 */
async function writeRaw(
  engine: Engine,
  planned: PlannedDataset,
  shape: Shape | null,
  policy: Evolution,
  path: string,
): Promise<void> {
  const write = async (onlyText: boolean) => {
    const { params, subject, format, files } = await keepTypes(engine, planned, shape, onlyText);
    const source = { ...params, path: subject, format };
    try {
      await withSource(engine, source, files, async (query) => {
        const columns = await engine.rows(sql`DESCRIBE ${query}`);
        const memoryMb = littleMemoryMb(engine.threads, columns.length);
        await inLittleMemory(engine, memoryMb, () => writeScan(engine, query, path));
      });
    } catch (error) {
      throw nameOfOrigin(error, planned);
    }
  };
  try {
    await write(false);
  } catch (error) {
    const isRetyped = error instanceof DuetMindError && error.code === "COLUMN_TYPE";
    if (!isRetyped || shape === null) throw error;
    if (policy.retyped !== "ignore") throw unlikeEarlier(planned, error);
    await write(true);
  }
}

function withoutColumns(relation: Relation, names: ReadonlySet<string>): Relation {
  if (names.size === 0) return relation;
  const columns = relation.columns.filter(({ name }) => !names.has(name));
  const list = join(columns.map(({ name }) => id(name)));
  return {
    ...relation,
    columns,
    sql: sql`(SELECT ${list} FROM ${relation.sql})`,
    numbered: sql`(SELECT ${list}, ${id(ROW_NUMBER)} FROM ${relation.numbered})`,
  };
}

export async function digestSources(planned: PlannedDataset): Promise<SourceDigest[]> {
  const digests: SourceDigest[] = [];
  for (const file of planned.files) {
    const { digest, sizeBytes } = await digestBeside(file.path);
    digests.push(toSourceDigest(planned, file, digest, sizeBytes));
  }
  return digests;
}

/** Writes the file again where the contract coerced, filtered or added something. */
async function applyContract(
  engine: Engine,
  read: Relation,
  output: Relation,
  path: string,
): Promise<Relation> {
  if (output.sql.text === read.sql.text) return read;
  const table = id(engine.freshName());
  await engine.run(sql`CREATE TABLE ${table} AS SELECT * FROM ${output.numbered}`);
  const columns = join(output.columns.map((column) => id(column.name)));
  await writeParquet(engine, sql`SELECT ${columns} FROM ${table} ORDER BY ${id(ROW_NUMBER)}`, path);
  await engine.run(sql`DROP TABLE ${table}`);
  return openParquet(engine, [path]);
}

/** Throws COLUMN_NOT_FOUND for a key that is no column. */
function checkKey(planned: PlannedDataset, relation: Relation): void {
  const names = relation.columns.map((column) => column.name);
  for (const name of planned.params.key ?? []) {
    if (!names.includes(name)) throw columnMissing(`sources.${planned.name}.key`, name, names);
  }
}

import type { Digest } from "../core/hash.ts";
import { settleAll } from "../core/settle-all.ts";
import { type ColumnCounts, countColumns } from "./count-relation.ts";
import type { Engine } from "./engine.ts";
import { inLittleMemory, spillingMemoryMb } from "./little-memory.ts";
import type { Relation } from "./relation.ts";
import { type ScannedColumn, scanRelation } from "./scan-relation.ts";

/** All that is recorded of a column. */
export type MeasuredColumn = Omit<ScannedColumn, "missing"> &
  Readonly<{ missing: number; distinct: ColumnCounts["distinct"] }>;

export type Measures = Readonly<{ columns: readonly MeasuredColumn[]; dataDigest: Digest }>;

/**
 * Digests, statistics and counts of a table; the engine counts while the values stream by here. Texts on
 * their way out would fill what memory there is.
 */
export async function measureRelation(engine: Engine, relation: Relation): Promise<Measures> {
  const memoryMb = spillingMemoryMb(engine.threads, relation.columns.length);
  const [scan, counts] = await inLittleMemory(engine, memoryMb, () =>
    settleAll([scanRelation(engine, relation), countColumns(engine, relation)]),
  );
  const columns = scan.columns.map((column, i): MeasuredColumn => {
    const { missing, distinct, min, max } = counts[i]!;
    return {
      ...column,
      missing: column.missing ?? missing!,
      distinct,
      min: column.min ?? min,
      max: column.max ?? max,
    };
  });
  return { columns, dataDigest: scan.dataDigest };
}

import type { Digest } from "../core/hash.ts";
import { type ColumnCounts, countColumns } from "./count-relation.ts";
import type { Engine } from "./engine.ts";
import type { Relation } from "./relation.ts";
import { type ScannedColumn, scanRelation } from "./scan-relation.ts";

/** All that is recorded of a column. */
export type MeasuredColumn = Omit<ScannedColumn, "missing"> &
  Readonly<{ missing: number; distinct: ColumnCounts["distinct"] }>;

export type Measures = Readonly<{ columns: readonly MeasuredColumn[]; dataDigest: Digest }>;

/** Digests, statistics and counts of a table; the engine counts while the values stream by here. */
export async function measureRelation(engine: Engine, relation: Relation): Promise<Measures> {
  const [scan, counts] = await Promise.all([
    scanRelation(engine, relation),
    countColumns(engine, relation),
  ]);
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

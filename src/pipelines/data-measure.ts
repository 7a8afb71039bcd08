import { countColumns, countDuplicates } from "../table/count-relation.ts";
import type { Engine } from "../table/engine.ts";
import type { Relation } from "../table/relation.ts";
import { scanRelation } from "../table/scan-relation.ts";
import { schemaHash } from "../table/schema-hash.ts";
import type { ContractOutcome } from "./data-contract.ts";
import type { PlannedDataset } from "./data-plan.ts";
import { toQuality } from "./data-quality.ts";
import type { DatasetRecord } from "./data-record.ts";
import { toStatistics } from "./data-statistics.ts";

/** What the values of a dataset say of it: the part of its record that does not depend on files. */
export type Measured = Pick<
  DatasetRecord,
  | "data_digest"
  | "schema_hash"
  | "row_count"
  | "column_count"
  | "key"
  | "statistics"
  | "quality"
  | "contract"
>;

/** Takes the measure of a raw dataset: digests, statistics, quality. */
export async function measureDataset(
  engine: Engine,
  planned: PlannedDataset,
  relation: Relation,
  contract: ContractOutcome,
): Promise<Measured> {
  const { key } = planned.params;
  const [scan, counts] = await Promise.all([
    scanRelation(engine, relation),
    countColumns(engine, relation),
  ]);
  const increasing = scan.columns.filter((column) => column.isIncreasing).map(({ name }) => name);
  const duplicates = await countDuplicates(engine, relation, counts, key, increasing);
  return {
    data_digest: scan.dataDigest,
    schema_hash: schemaHash(relation.columns),
    row_count: relation.rowCount,
    column_count: relation.columns.length,
    key: key ?? null,
    statistics: scan.columns.map((column, i) =>
      toStatistics(column, counts[i]!, contract.isSensitive(column.name)),
    ),
    quality: toQuality(relation, counts, duplicates, contract.invalidCells),
    contract: contract.result,
  };
}

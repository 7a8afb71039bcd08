import { countDuplicates } from "../table/count-relation.ts";
import type { Engine } from "../table/engine.ts";
import { measureRelation } from "../table/measure-relation.ts";
import type { Relation } from "../table/relation.ts";
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
  const { columns, dataDigest } = await measureRelation(engine, relation);
  const duplicates = await countDuplicates(engine, relation, columns, key);
  return {
    data_digest: dataDigest,
    schema_hash: schemaHash(relation.columns),
    row_count: relation.rowCount,
    column_count: relation.columns.length,
    key: key ?? null,
    statistics: columns.map((column) => toStatistics(column, contract.isSensitive(column.name))),
    quality: toQuality(relation, columns, duplicates, contract.invalidCells),
    contract: contract.result,
  };
}

import type { QualityMetric } from "../registry/quality-queries.ts";
import type { DataRecord, DatasetRecord } from "./data-record.ts";
import { insidePath, toPlannedFile } from "./register-file.ts";
import type { DataPlan } from "./register-plan.ts";

/** What an ingest's record means: a version of each dataset, with its quality. */
export function planData(record: DataRecord): DataPlan {
  return {
    stage: "data",
    files: record.datasets.flatMap((dataset) => [
      toPlannedFile(dataset),
      ...(dataset.parts ?? []).map(toPlannedFile),
      ...(dataset.contract === null
        ? []
        : [{ path: insidePath(dataset.contract.path), digest: dataset.contract.sha256 }]),
    ]),
    datasets: record.datasets.map((dataset) => ({
      dataset: {
        name: dataset.name,
        kind: "raw",
        sourceType: dataset.source_type ?? "file",
        filePath: dataset.path,
        fileFormat: dataset.format,
        schemaHash: dataset.schema_hash,
        contentSha256: dataset.sha256,
        dataDigest: dataset.data_digest,
        sizeBytes: dataset.size_bytes,
        rowCount: dataset.row_count,
        columnCount: dataset.column_count,
        metadata: {
          key: dataset.key,
          sources: dataset.sources,
          statistics: dataset.statistics,
          contract: dataset.contract,
          duetmind: record.duetmind,
        },
      },
      quality: qualityOf(dataset),
    })),
  };
}

function qualityOf(dataset: DatasetRecord): QualityMetric[] {
  return [
    ...Object.entries(dataset.quality).map(([metric, value]) => ({ column: null, metric, value })),
    ...dataset.statistics.map(({ name, missing }) => ({
      column: name,
      metric: "missing_cells",
      value: missing,
    })),
  ];
}

import type { FeatureView } from "../features/feature-view.ts";
import type { FeaturesRecord } from "./features-record.ts";
import { processedDatasetName } from "./register-dataset-name.ts";
import { toPlannedFile } from "./register-file.ts";
import type { FeaturesPlan, PlannedDataset } from "./register-plan.ts";

/** Those of the outputs that are datasets of their own; the others are files of the feature view. */
const PARTS = ["features", "labels", "split"] as const;

/** What a build of features means: a version of a feature view and of the tables it made. */
export function planFeatures(record: FeaturesRecord, view: FeatureView): FeaturesPlan {
  const { name, feature_hash, fit_hash, schema_hash } = record.view;
  return {
    stage: "features",
    files: [...record.outputs, record.feature_view].map(toPlannedFile),
    sources: record.inputs.map(({ name: dataset, sha256 }) => ({
      name: dataset,
      digest: sha256,
    })),
    view: {
      name,
      featureHash: feature_hash,
      fitHash: fit_hash,
      schemaHash: schema_hash,
      featureList: record.view.feature_list,
      transformationLogic: view,
      validationSchema: record.contracts.find(({ subject }) => subject === "features") ?? null,
    },
    datasets: PARTS.flatMap((part) => datasetOf(record, part)),
  };
}

function datasetOf(record: FeaturesRecord, part: (typeof PARTS)[number]): PlannedDataset[] {
  const output = record.outputs.find(({ name }) => name === part);
  if (output === undefined) return [];
  return [
    {
      dataset: {
        name: processedDatasetName(record.view.name, part),
        kind: "processed",
        sourceType: "features",
        filePath: output.path,
        fileFormat: output.format,
        schemaHash: output.schema_hash,
        contentSha256: output.sha256,
        dataDigest: output.data_digest,
        sizeBytes: output.size_bytes,
        rowCount: output.row_count,
        columnCount: output.columns.length,
        metadata: { columns: output.columns, rows: record.rows, duetmind: record.duetmind },
      },
      quality: [],
    },
  ];
}

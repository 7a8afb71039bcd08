import type { Digest } from "../core/hash.ts";
import type { NewDataset } from "../registry/dataset-queries.ts";
import type { NewFeatureView } from "../registry/feature-view-queries.ts";
import type { ModelStatus } from "../registry/model-queries.ts";
import type { QualityMetric } from "../registry/quality-queries.ts";
import type { Entry } from "../tracking/log-batch.ts";
import type { MetricPoint } from "../tracking/metric-point.ts";

/**
 * What a record means for the metadata store, told by pure functions (`register-plan-*.ts`) and done by
 * `register-import.ts`. Paths are relative to the project.
 */
export type StoredFile = Readonly<{ path: string; digest: Digest }>;
export type PlannedFile = StoredFile & Readonly<{ sizeBytes: number }>;

/** A dataset named by its bytes: `name` as in the catalog. */
export type DatasetReference = Readonly<{ name: string; digest: Digest }>;

export type PlannedDataset = Readonly<{
  dataset: Omit<NewDataset, "featureViewId" | "sourceIds">;
  quality: readonly QualityMetric[];
}>;

export type DataPlan = Readonly<{
  stage: "data";
  /** The raw datasets and the contracts that they were held to. */
  files: readonly StoredFile[];
  datasets: readonly PlannedDataset[];
}>;

export type FeaturesPlan = Readonly<{
  stage: "features";
  files: readonly PlannedFile[];
  sources: readonly DatasetReference[];
  view: Omit<NewFeatureView, "datasetIds">;
  datasets: readonly PlannedDataset[];
}>;

export type TrainPlan = Readonly<{
  stage: "train";
  /** Every file of the model's folder; a run's artifact path is the path below `folder`. */
  files: readonly PlannedFile[];
  folder: string;
  /** The folder that a scorer opens, below `folder`. */
  modelFolder: string;
  model: string;
  view: Readonly<{ name: string; featureHash: Digest; fitHash: Digest }>;
  features: DatasetReference;
  status: Extract<ModelStatus, "staging" | "rejected">;
  reasons: readonly string[];
  performance: unknown;
  hyperparameters: unknown;
  params: readonly Entry[];
  /** Points without their time, which a record does not know. */
  metrics: readonly Omit<MetricPoint, "timestampMs">[];
  tags: readonly Entry[];
}>;

export type ImportPlan = DataPlan | FeaturesPlan | TrainPlan;

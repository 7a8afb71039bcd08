import { checkDigest } from "../artifacts/digest-meter.ts";
import { canonicalJson } from "../core/canonical-json.ts";
import { DuetMindError } from "../core/errors.ts";
import { digestBytes } from "../core/hash.ts";
import { parseJson } from "../core/json.ts";
import { parseWith } from "../core/parse.ts";
import type { ModelVersionRow } from "../registry/model-queries.ts";
import { rebuildSourceOf } from "../registry/rebuild-queries.ts";
import { findStageRecord, type StoredRecord } from "../registry/stage-record-queries.ts";
import type { Database } from "../store/database.ts";
import { type DataRecord, type DatasetRecord, dataRecord } from "./data-record.ts";
import { type FeaturesRecord, featuresRecord } from "./features-record.ts";
import { type TrainRecord, trainRecord } from "./train-record.ts";

/** Everything that a model version was made of, as its stages recorded it. */
export type RecordedLineage = Readonly<{
  train: TrainRecord;
  features: FeaturesRecord;
  datasets: readonly Readonly<{ dataset: DatasetRecord; version: number }>[];
  /** A data.record.json that lists exactly these datasets. */
  dataRecordText: string;
}>;

export async function readLineage(db: Database, row: ModelVersionRow): Promise<RecordedLineage> {
  const source = await rebuildSourceOf(db, row);
  if (source === undefined) {
    throw new DuetMindError(
      "NOT_FOUND",
      `model ${row.name}@${row.version}: expected the records of its training and features, got none`,
      { hint: "only a version that DuetMind trained can be rebuilt" },
    );
  }
  const datasets: { dataset: DatasetRecord; version: number }[] = [];
  let last: DataRecord | undefined;
  for (const { name, version, record_digest } of source.datasets) {
    const stored = await findStageRecord(db, record_digest);
    if (stored === undefined) continue;
    last = parseWith(dataRecord, contentOf(stored), `record ${stored.digest}`);
    const dataset = last.datasets.find((one) => one.name === name);
    if (dataset !== undefined) datasets.push({ dataset, version });
  }
  return {
    train: parseWith(trainRecord, contentOf(source.train), `record ${source.train.digest}`),
    features: parseWith(
      featuresRecord,
      contentOf(source.features),
      `record ${source.features.digest}`,
    ),
    datasets,
    dataRecordText: canonicalJson({ ...last, datasets: datasets.map(({ dataset }) => dataset) }),
  };
}

/** A record that was edited in the database is no proof of anything. */
function contentOf(record: StoredRecord): unknown {
  checkDigest(`record of ${record.stage}`, record.digest, digestBytes(record.text));
  return parseJson(record.text, `record ${record.digest}`);
}

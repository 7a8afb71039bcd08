import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { canonicalJson } from "../../src/core/canonical-json.ts";
import type { Environment } from "../../src/core/environment.ts";
import { digestBytes } from "../../src/core/hash.ts";
import { parseYaml } from "../../src/core/yaml.ts";
import type { DataRecord } from "../../src/pipelines/data-record.ts";
import type { FeaturesRecord } from "../../src/pipelines/features-record.ts";
import { parseParams } from "../../src/pipelines/params.ts";
import type { Project } from "../../src/pipelines/project.ts";
import type { TrainRecord } from "../../src/pipelines/train-record.ts";
import { temporaryFolder } from "../support/database.ts";

/**
 * A project whose stages have run, made by hand: registration reads records and stores bytes, so the
 * bytes need not be real Parquet or ONNX. `variant` changes the bytes of every file.
 */
export function projectWithRecords(env: Environment = {}): Project {
  const root = temporaryFolder();
  writeFileSync(join(root, "params.yaml"), PARAMS);
  const params = parseParams(parseYaml(PARAMS, "params.yaml"));
  const project = { root, params, env: { DUETMIND_ACTOR: "ann", ...env }, origins: new Map() };
  writeStages(project, "first");
  return project;
}

const PARAMS = `
sources: { patients: { path: data/source/patients.csv } }
features: { source: patients, target: diagnosis, view: risk }
model: { name: risk }
tracking: { experiment: study }
`;

type Variant = Readonly<{
  data?: string;
  features?: string;
  train?: string;
  status?: "staging" | "rejected";
}>;

/** Writes the files and records of all three stages; other words give other bytes. */
export function writeStages(project: Project, words: string | Variant): void {
  const variant =
    typeof words === "string" ? { data: words, features: words, train: words } : words;
  const data = variant.data ?? "first";
  const features = variant.features ?? "first";
  const patients = file(project, "data/raw/patients.parquet", `patients ${data}`);
  const schema = digestBytes("schema");
  const dataRecord: DataRecord = {
    schema_version: 1,
    stage: "data",
    duetmind: "0.1.0",
    datasets: [
      {
        name: "patients",
        format: "parquet",
        ...patients,
        data_digest: digestBytes(`rows ${data}`),
        schema_hash: schema,
        row_count: 3,
        column_count: 2,
        key: null,
        sources: [{ ...file(project, "data/source/patients.csv", "age,diagnosis"), format: "csv" }],
        statistics: [],
        quality: { missing_cells: 1, duplicate_rows: 0, invalid_cells: 0, cells: 6, score: 0.8 },
        contract: null,
        input_digest: digestBytes(`inputs ${data}`),
      },
    ],
  };
  file(project, "data/raw/data.record.json", canonicalJson(dataRecord));
  const [feature_hash, fit_hash] = [
    digestBytes(`feature ${features}`),
    digestBytes(`fit ${features}`),
  ];
  const viewFile = file(
    project,
    "data/processed/feature-view.json",
    canonicalJson({
      schema_version: 1,
      name: "risk",
      columns: [{ name: "age", type: "int64" }],
      inputs: [
        {
          name: "age",
          type: "number",
          source: { kind: "column", column: "age", columnType: "int64" },
          example: 71,
        },
      ],
      outputs: [{ name: "age", kind: "numeric", input: "age", steps: [] }],
      subject: null,
      target: { column: "diagnosis", type: "int64", classes: [0, 1] },
      definition: {},
      feature_hash,
      fit_hash,
    }),
  );
  const table = (name: string) => ({
    ...file(project, `data/processed/${name}.parquet`, `${name} ${features}`),
    name,
    format: "parquet" as const,
    row_count: 3,
    columns: [{ name: "row_id", type: "int64" }],
    schema_hash: schema,
    data_digest: digestBytes(`${name} rows ${features}`),
  });
  const outputs = ["features", "labels", "split", "test-inputs"].map(table);
  const featuresRecord: FeaturesRecord = {
    schema_version: 1,
    stage: "features",
    duetmind: "0.1.0",
    params: { features: {}, split: {} },
    inputs: [{ name: "patients", ...patients }],
    view: {
      name: "risk",
      ...{ feature_hash, fit_hash, schema_hash: schema },
      feature_list: ["age"],
      definition: {},
    },
    target: { column: "diagnosis", type: "int64", classes: [0, 1] },
    rows: { total: 3, without_target: 0, by_split: { train: 1, validation: 1, test: 1 } },
    subjects: { train: 1, validation: 1, test: 1 },
    dropped: [],
    contracts: [],
    outputs,
    feature_view: viewFile,
  };
  file(project, "data/processed/features.record.json", canonicalJson(featuresRecord));
  file(
    project,
    "models/risk/train.record.json",
    canonicalJson(train(project, variant, featuresRecord)),
  );
}

function train(project: Project, variant: Variant, features: FeaturesRecord): TrainRecord {
  const words = variant.train ?? "first";
  const status = variant.status ?? "staging";
  const measured = { accuracy: { value: 0.9, lower: 0.85, upper: 0.95, baseline: 0.6 } };
  const split = { metrics: measured };
  const plain = ({ path, sha256, size_bytes }: TrainRecord["inputs"][number]) => ({
    path,
    sha256,
    size_bytes,
  });
  return {
    schema_version: 1,
    stage: "train",
    duetmind: "0.1.0",
    model: "risk",
    algorithm: "boosting",
    task: "binary",
    seed: 42,
    target: { column: "diagnosis", type: "int64", classes: [0, 1] },
    params: {
      model: { name: "risk", algorithm: "boosting", hyperparameters: { max_depth: 6, rate: 0.1 } },
      thresholds: { accuracy: 0.85 },
    },
    inputs: [...features.outputs, features.feature_view].map(plain),
    feature_view: {
      name: features.view.name,
      feature_hash: features.view.feature_hash,
      fit_hash: features.view.fit_hash,
    },
    rows: { train: 1, validation: 1, test: 1 },
    training: { steps: 2, best_step: 2, converged: true },
    history: [
      { step: 1, train_loss: 0.6, validation_loss: 0.65 },
      { step: 2, train_loss: 0.5, validation_loss: 0.6 },
    ],
    metrics: { validation: { accuracy: 0.91 }, test: { accuracy: 0.9 } },
    onnx_check: { rows: 1, tolerance: 1e-6 },
    decision: { status, reasons: status === "rejected" ? ["accuracy 0.9 < 0.95"] : [] },
    model_folder: "models/risk/model",
    artifacts: [
      file(project, "models/risk/metrics.json", JSON.stringify({ validation: split, test: split })),
      file(project, "models/risk/model/MLmodel", `flavors of ${words}`),
      file(project, "models/risk/model/model.onnx", `graph of ${words}`),
    ],
  };
}

function file(project: Project, path: string, content: string) {
  const absolute = join(project.root, path);
  mkdirSync(dirname(absolute), { recursive: true });
  writeFileSync(absolute, content);
  return { path, sha256: digestBytes(content), size_bytes: Buffer.byteLength(content) };
}

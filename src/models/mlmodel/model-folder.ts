import { stringify } from "yaml";
import { canonicalJson } from "../../core/canonical-json.ts";
import { digestBytes } from "../../core/hash.ts";
import { toOnnx } from "../onnx/to-onnx.ts";
import type { Predictor } from "../predictor.ts";
import {
  environmentFiles,
  MLFLOW_VERSION,
  ONNX_VERSION,
  PYTHON_VERSION,
} from "./environment-files.ts";
import { toInputExample } from "./input-example.ts";
import { toLearnerJson } from "./learner-file.ts";
import { type Signature, toSignature } from "./signature.ts";

/** Names of the files in a model folder and their bytes. */
export type ModelFiles = Readonly<Record<string, Uint8Array>>;

export const CHECKSUMS_FILE = "checksums.json";

/**
 * An MLmodel folder that mlflow.pyfunc and mlflow.onnx load, and that `open-model.ts` opens. It holds
 * no time, id or machine fact (MLflow fills in what it misses), so a model that is trained again has
 * the same bytes. checksums.json has the SHA-256 of every other file.
 */
export function toModelFiles(predictor: Predictor, version: string): ModelFiles {
  const example = toInputExample(predictor);
  const content: Record<string, Uint8Array> = { "model.onnx": toOnnx(predictor, version) };
  const texts = {
    "feature-view.json": `${canonicalJson(predictor.view)}\n`,
    "learner.json": toLearnerJson(predictor),
    "input_example.json": `${canonicalJson(example)}\n`,
    "serving_input_example.json": `${canonicalJson({ dataframe_split: example })}\n`,
    ...environmentFiles(),
  };
  for (const [name, text] of Object.entries(texts)) content[name] = Buffer.from(text);
  const sizeBytes = Object.values(content).reduce((sum, bytes) => sum + bytes.length, 0);
  content["MLmodel"] = Buffer.from(mlmodelYaml(toSignature(predictor), sizeBytes));
  const names = Object.keys(content).sort();
  const checksums = Object.fromEntries(names.map((name) => [name, digestBytes(content[name]!)]));
  content[CHECKSUMS_FILE] = Buffer.from(`${canonicalJson(checksums)}\n`);
  return content;
}

function mlmodelYaml(signature: Signature, sizeBytes: number): string {
  return stringify({
    flavors: {
      onnx: {
        code: null,
        data: "model.onnx",
        onnx_session_options: null,
        onnx_version: ONNX_VERSION,
        providers: ["CPUExecutionProvider"],
      },
      python_function: {
        data: "model.onnx",
        env: { conda: "conda.yaml", virtualenv: "python_env.yaml" },
        loader_module: "mlflow.onnx",
        python_version: PYTHON_VERSION,
      },
    },
    is_signature_from_type_hint: false,
    mlflow_version: MLFLOW_VERSION,
    model_size_bytes: sizeBytes,
    saved_input_example_info: {
      artifact_path: "input_example.json",
      pandas_orient: "split",
      serving_input_path: "serving_input_example.json",
      type: "dataframe",
    },
    signature: {
      inputs: JSON.stringify(signature.inputs),
      outputs: JSON.stringify(signature.outputs),
      params: null,
    },
    type_hint_from_example: false,
  });
}

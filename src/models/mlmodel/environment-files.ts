/**
 * The Python environment in which other tools load a model: exact versions, the ones that
 * test/interop/mlflow loads our folders with (a test compares the two lists).
 */
export const PYTHON_VERSION = "3.11";
export const MLFLOW_VERSION = "3.17.2";
export const ONNX_VERSION = "1.23.2";
const ONNXRUNTIME_VERSION = "1.32.0";
const PANDAS_VERSION = "2.3.3";

const REQUIREMENTS = [
  `mlflow==${MLFLOW_VERSION}`,
  `onnx==${ONNX_VERSION}`,
  `onnxruntime==${ONNXRUNTIME_VERSION}`,
  // pandas 3 keeps text in arrays of its own, which mlflow.onnx hands to ONNX Runtime as they are
  `pandas==${PANDAS_VERSION}`,
];

/** requirements.txt, conda.yaml and python_env.yaml as MLflow reads them. */
export function environmentFiles(): Readonly<Record<string, string>> {
  const packages = REQUIREMENTS.map((line) => `  - ${line}\n`).join("");
  return {
    "requirements.txt": REQUIREMENTS.map((line) => `${line}\n`).join(""),
    "conda.yaml": `channels:\n- conda-forge\ndependencies:\n- python=${PYTHON_VERSION}\n- pip\n- pip:\n${packages}name: mlflow-env\n`,
    "python_env.yaml": `python: "${PYTHON_VERSION}"\nbuild_dependencies:\n- pip\ndependencies:\n- -r requirements.txt\n`,
  };
}

import type { ElementType } from "../../onnx/proto.ts";
import { inputsFor } from "../onnx/input-nodes.ts";
import { labelType, outputName } from "../onnx/to-onnx.ts";
import { PREDICTION, type Predictor, probabilityNames } from "../predictor.ts";

/** One column of an MLmodel signature, by MLflow's names. */
export type SignatureColumn = Readonly<{
  type: "boolean" | "long" | "double" | "float" | "string";
  name: string;
  required: boolean;
}>;

export type Signature = Readonly<{
  inputs: readonly SignatureColumn[];
  outputs: readonly SignatureColumn[];
}>;

const MLFLOW_TYPE: Readonly<Record<ElementType, SignatureColumn["type"]>> = {
  bool: "boolean",
  int64: "long",
  float: "float",
  double: "double",
  string: "string",
};

/** The columns that model.onnx takes and gives, in its order. */
export function toSignature(predictor: Predictor): Signature {
  const column = (name: string, type: ElementType): SignatureColumn => ({
    type: MLFLOW_TYPE[type],
    name,
    required: true,
  });
  const prediction = outputName(PREDICTION, predictor);
  const isRegression = predictor.model.task === "regression";
  return {
    inputs: inputsFor(predictor.view, predictor.model.featureNames).map((input) =>
      column(input.name, input.type === "text" ? "string" : "double"),
    ),
    outputs: [
      column(prediction, isRegression ? "double" : labelType(predictor.classes)),
      ...probabilityNames(predictor).map((name) => column(outputName(name, predictor), "double")),
    ],
  };
}

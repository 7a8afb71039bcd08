"""Loads a model folder with MLflow, scores a table with it and prints what it gives as JSON.

usage: load_model.py FOLDER TABLE.json
"""

import json
import sys

import mlflow
import mlflow.onnx
import pandas as pd

folder, table = sys.argv[1], json.load(open(sys.argv[2], encoding="utf-8"))
frame = pd.DataFrame(table["data"], columns=table["columns"])
model = mlflow.pyfunc.load_model(folder)
for column in model.metadata.signature.inputs:
    if column.type.name == "double":
        frame[column.name] = frame[column.name].astype("float64")
predicted = model.predict(frame)
mlflow.onnx.load_model(folder)  # runs ONNX's own checker over the graph
print(
    json.dumps(
        {
            "versions": {"mlflow": mlflow.__version__},
            "input_example": model.input_example.values.tolist(),
            "example_prediction": model.predict(model.input_example).values.tolist(),
            "columns": list(predicted.columns),
            "data": predicted.values.tolist(),
        }
    )
)

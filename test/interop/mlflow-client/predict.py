"""Scores a table with a registered model, as `mlflow.pyfunc` loads it, and prints JSON.

usage: predict.py MODEL_URI TABLE.json
"""

import json
import sys

import mlflow
import pandas as pd

uri, table = sys.argv[1], json.load(open(sys.argv[2], encoding="utf-8"))
model = mlflow.pyfunc.load_model(uri)
frame = pd.DataFrame(table["data"], columns=table["columns"])
for column in model.metadata.signature.inputs:
    if column.type.name == "double":
        numbers = frame[column.name].replace({"true": 1, "false": 0})
        frame[column.name] = numbers.astype("float64")
predicted = model.predict(frame)
print(json.dumps({"columns": list(predicted.columns), "data": predicted.values.tolist()}))

"""Loads an imported model by alias and predicts with it."""

import json
import sys

import mlflow
import numpy as np
import pandas as pd

data = pd.DataFrame({"age": np.arange(40.0), "score": np.linspace(0, 1, 40)})
model = mlflow.pyfunc.load_model("models:/stroke-risk@champion")
json.dump({"predictions": [int(each) for each in model.predict(data)]}, sys.stdout)

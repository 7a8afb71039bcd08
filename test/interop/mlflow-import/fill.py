"""Fills a tracking server with what a team leaves there in a few weeks, by MLflow's own client."""

import json
import math
import sys

import mlflow
import numpy as np
import pandas as pd
from mlflow import MlflowClient
from sklearn.linear_model import LogisticRegression

client = MlflowClient()
data = pd.DataFrame({"age": np.arange(40.0), "score": np.linspace(0, 1, 40)})
label = (data["age"] > 20).astype(int)

# so that the numbers of experiments are not those of an empty server
client.create_experiment("first")

mlflow.set_experiment("trials")
mlflow.set_experiment_tags({"team": "stroke"})
runs = 0
for i in range(24):
    with mlflow.start_run(run_name=f"trial {i}", description=f"note {i}"):
        runs += 1
        mlflow.log_params({"model": "gbm" if i % 2 else "linear", "rounds": i})
        for step in range(30):
            mlflow.log_metric("loss", 1 / (step + i + 1), step=step)
        mlflow.log_metrics({"auc": 0.5 + i / 100, "odd": math.nan if i % 3 else math.inf})
        mlflow.set_tag("quote", f"it's \"{i}\"")
        dataset = mlflow.data.from_pandas(data, name=f"visits {i % 3}")
        mlflow.log_input(dataset, context="training")
        mlflow.log_text("grüezi" * i, "notes/a b/größe.txt")
        if i % 8 == 0:
            with mlflow.start_run(nested=True):
                runs += 1
                mlflow.log_metric("inner", i)
        if i % 6 == 0:
            fitted = LogisticRegression(C=1 + i).fit(data, label)
            mlflow.sklearn.log_model(
                fitted, name="model", registered_model_name="stroke-risk", input_example=data[:2]
            )

client.set_registered_model_tag("stroke-risk", "owner", "ann")
client.update_registered_model("stroke-risk", "the risk of a stroke")
client.set_model_version_tag("stroke-risk", "1", "checked", "yes")
client.update_model_version("stroke-risk", "2", "second")
client.transition_model_version_stage("stroke-risk", "1", "Archived")
client.transition_model_version_stage("stroke-risk", "3", "Production")
client.delete_model_version("stroke-risk", "2")
client.set_registered_model_alias("stroke-risk", "champion", "3")
mlflow.genai.register_prompt(name="greeting", template="hello {{name}}")

mlflow.set_experiment("others")
for i in range(8):
    with mlflow.start_run() as run:
        runs += 1
        mlflow.log_metric("m", i)
    if i % 4 == 0:
        client.delete_run(run.info.run_id)
passing = client.create_experiment("passing")
client.create_run(passing)
runs += 1
client.delete_experiment(passing)

json.dump({"version": mlflow.__version__, "runs": runs}, sys.stdout)

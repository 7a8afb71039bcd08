"""A short session of the client of MLflow 2.22: runs, artifacts, a model as 2.x logs it, the registry.

usage: session.py FOLDER
"""

import json
import math
import sys

import mlflow
import numpy as np
from mlflow import MlflowClient
from sklearn.linear_model import LogisticRegression

FOLDER = sys.argv[1]
client = MlflowClient()
mlflow.set_experiment("two")
rows = np.random.RandomState(3).normal(size=(60, 3))
model = LogisticRegression().fit(rows, (rows[:, 0] > 0).astype(int))
with mlflow.start_run(run_name="second") as run:
    mlflow.log_params({"a": 1, "b": "x"})
    mlflow.log_metric("loss", 0.5, step=1)
    mlflow.log_metrics({"nan": math.nan, "acc": 0.75})
    mlflow.log_text("hello", "notes/hello.txt")
    mlflow.log_dict({"a": 1}, "a.json")
    mlflow.sklearn.log_model(model, "model", registered_model_name="two")
run_id = run.info.run_id
found = client.get_run(run_id)
history = json.loads(found.data.tags["mlflow.log-model.history"])
client.set_registered_model_alias("two", "best", "1")
client.transition_model_version_stage("two", "1", "Production")
loaded = {
    uri: mlflow.pyfunc.load_model(uri.replace("RUN", run_id)).predict(rows).tolist()
    == model.predict(rows).tolist()
    for uri in ("runs:/RUN/model", "models:/two/1", "models:/two@best", "models:/two/Production")
}
print(
    json.dumps(
        {
            "version": mlflow.__version__,
            "params": found.data.params,
            "acc": found.data.metrics["acc"],
            "nan": math.isnan(found.data.metrics["nan"]),
            "history": [each["artifact_path"] for each in history],
            "files": [each.path for each in client.list_artifacts(run_id)],
            "text": mlflow.artifacts.load_text(f"runs:/{run_id}/notes/hello.txt"),
            "found": [
                each.info.run_name
                for each in client.search_runs(
                    [run.info.experiment_id], "metrics.acc > 0.5 AND params.b = 'x'"
                )
            ],
            "versions": [each.version for each in client.search_model_versions("name = 'two'")],
            "loaded": loaded,
        }
    )
)

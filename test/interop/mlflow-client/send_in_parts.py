"""Sends a file of 12 MB with MLflow's client, in parts, reads it back, and prints its SHA-256."""

import hashlib
import os
import sys
import tempfile

import mlflow

uri, path = sys.argv[1:]
mlflow.set_tracking_uri(uri)
with mlflow.start_run() as run:
    mlflow.log_artifact(path, "deep/folder")
with tempfile.TemporaryDirectory() as folder:
    name = f"deep/folder/{os.path.basename(path)}"
    got = mlflow.artifacts.download_artifacts(
        run_id=run.info.run_id, artifact_path=name, dst_path=folder
    )
    with open(got, "rb") as file:
        print(hashlib.sha256(file.read()).hexdigest())

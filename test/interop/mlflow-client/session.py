"""A complete session of MLflow's own client against the server at MLFLOW_TRACKING_URI.

usage: session.py FOLDER

Each step stands alone. Prints one JSON object: the name of each step and "ok", or its traceback.
"""

import hashlib
import json
import math
import os
import sys
import time
import traceback
import warnings

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import mlflow
import numpy as np
import onnx
import pandas as pd
from mlflow import MlflowClient
from mlflow.entities import Metric, Param, RunTag, ViewType
from mlflow.exceptions import MlflowException
from onnx import TensorProto, helper
from sklearn.linear_model import LogisticRegression

warnings.filterwarnings("ignore")
FOLDER = sys.argv[1]
client = MlflowClient()


def expect(got, wanted):
    assert got == wanted, f"expected {wanted!r}, got {got!r}"


def refused(code, action, *args, **kwargs):
    try:
        action(*args, **kwargs)
    except MlflowException as error:
        expect(error.error_code, code)
        return str(error)
    raise AssertionError(f"expected {code}, got an answer")


def experiments():
    made = mlflow.create_experiment("trial-1", tags={"team": "blue"})
    found = mlflow.get_experiment(made)
    expect((found.name, found.lifecycle_stage, found.tags["team"]), ("trial-1", "active", "blue"))
    expect(mlflow.get_experiment_by_name("trial-1").experiment_id, made)
    expect(mlflow.get_experiment_by_name("nobody"), None)
    expect(mlflow.set_experiment("trial-2").name, "trial-2")
    refused("RESOURCE_ALREADY_EXISTS", mlflow.create_experiment, "trial-1")
    client.set_experiment_tag(made, "stage", "early")
    client.rename_experiment(made, "trial-one")
    expect(client.get_experiment(made).name, "trial-one")
    client.delete_experiment_tag(made, "stage")
    expect("stage" in client.get_experiment(made).tags, False)
    client.delete_experiment(made)
    expect(client.get_experiment(made).lifecycle_stage, "deleted")
    gone = client.search_experiments(ViewType.DELETED_ONLY, filter_string="name LIKE 'trial%'")
    expect([each.name for each in gone], ["trial-one"])
    refused("RESOURCE_ALREADY_EXISTS", mlflow.create_experiment, "trial-one")
    client.restore_experiment(made)
    expect(client.get_experiment(made).lifecycle_stage, "active")
    for index in range(5):
        mlflow.create_experiment(f"paged-{index}", tags={"n": str(index)})
    names, token = [], None
    while True:
        page = client.search_experiments(
            filter_string="name LIKE 'paged-%'",
            order_by=["name DESC"],
            max_results=2,
            page_token=token,
        )
        names += [each.name for each in page]
        token = page.token
        if not token:
            break
    expect(names, [f"paged-{index}" for index in (4, 3, 2, 1, 0)])
    for text, wanted in {
        "name = 'paged-1'": ["paged-1"],
        "name != 'paged-1' AND name LIKE 'paged%'": ["paged-0", "paged-2", "paged-3", "paged-4"],
        "name ILIKE 'PAGED-_' AND tags.n = '3'": ["paged-3"],
        "tag.n LIKE '4%'": ["paged-4"],
        "creation_time > 0 AND tags.n = '0'": ["paged-0"],
    }.items():
        found = client.search_experiments(filter_string=text, order_by=["name"])
        expect((text, [each.name for each in found]), (text, wanted))


def runs():
    mlflow.set_experiment("runs")
    with mlflow.start_run(run_name="parent", tags={"level": "top"}, description="text") as parent:
        mlflow.log_param("lr", 0.1)
        mlflow.log_params({"depth": 3, "kind": "tree"})
        mlflow.log_metric("loss", 1.5, step=1)
        mlflow.log_metrics({"loss": 0.5, "acc": 0.75}, step=2)
        mlflow.set_tag("color", "blue")
        mlflow.set_tags({"a": "1", "b": "2"})
        with mlflow.start_run(run_name="child", nested=True) as child:
            mlflow.log_metric("acc", 0.5)
    run = client.get_run(parent.info.run_id)
    expect(run.info.status, "FINISHED")
    expect(run.info.run_name, "parent")
    expect(run.data.params, {"lr": "0.1", "depth": "3", "kind": "tree"})
    expect(run.data.metrics, {"loss": 0.5, "acc": 0.75})
    expect((run.data.tags["color"], run.data.tags["mlflow.note.content"]), ("blue", "text"))
    expect(run.info.end_time >= run.info.start_time > 0, True)
    children = mlflow.search_runs(
        filter_string=f"tags.mlflow.parentRunId = '{parent.info.run_id}'", output_format="list"
    )
    expect([each.info.run_id for each in children], [child.info.run_id])
    refused("INVALID_PARAMETER_VALUE", client.log_param, parent.info.run_id, "lr", "0.2")
    client.update_run(parent.info.run_id, name="renamed", status="KILLED")
    expect(client.get_run(parent.info.run_id).data.tags["mlflow.runName"], "renamed")
    client.delete_tag(parent.info.run_id, "a")
    client.delete_run(child.info.run_id)
    expect(client.get_run(child.info.run_id).info.lifecycle_stage, "deleted")
    refused("INVALID_PARAMETER_VALUE", client.log_metric, child.info.run_id, "acc", 1)
    client.restore_run(child.info.run_id)
    expect(client.get_run(child.info.run_id).info.lifecycle_stage, "active")
    try:
        with mlflow.start_run(run_name="failing") as failing:
            raise ValueError("x")
    except ValueError:
        pass
    expect(client.get_run(failing.info.run_id).info.status, "FAILED")


def batches():
    mlflow.set_experiment("batches")
    with mlflow.start_run() as run:
        run_id = run.info.run_id
        now = int(time.time() * 1000)
        points = [Metric("m", step / 4, now + step, step) for step in range(1500)]
        client.log_batch(run_id, metrics=points[:1000], params=[], tags=[])
        client.log_batch(
            run_id, points[1000:], [Param(f"p{i}", str(i)) for i in range(100)], [RunTag("t", "v")]
        )
        mlflow.log_params({f"many{i}": i for i in range(250)})  # three requests
        mlflow.log_metrics({"later": 1.0}, step=7, synchronous=False).wait()
        mlflow.flush_async_logging()
    history = client.get_metric_history(run_id, "m")
    expect([(each.step, each.value) for each in history], [(s, s / 4) for s in range(1500)])
    found = client.get_run(run_id).data
    expect((len(found.params), found.metrics["m"], found.metrics["later"]), (350, 1499 / 4, 1.0))


def extremes():
    mlflow.set_experiment("extremes")
    with mlflow.start_run() as run:
        for key, value in {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}.items():
            mlflow.log_metric(key, value)
        mlflow.log_metrics({"small": 5e-324, "third": 1 / 3, "large": 1.7e308})
        mlflow.log_metric("big step", 1.0, step=2**62)
        mlflow.log_param("größe", "漢字 \U0001f600 'q' \"d\"\nline")
    metrics = client.get_run(run.info.run_id).data.metrics
    expect(math.isnan(metrics["nan"]), True)
    expect((metrics["inf"], metrics["-inf"]), (math.inf, -math.inf))
    expect((metrics["small"], metrics["third"], metrics["large"]), (5e-324, 1 / 3, 1.7e308))
    expect(client.get_metric_history(run.info.run_id, "big step")[0].step, 2**62)
    expect(client.get_run(run.info.run_id).data.params["größe"], "漢字 \U0001f600 'q' \"d\"\nline")
    frame = mlflow.search_runs(experiment_names=["extremes"])
    expect(math.isnan(frame["metrics.nan"][0]), True)


def search():
    made = mlflow.set_experiment("search").experiment_id
    for index in range(7):
        with mlflow.start_run(run_name=f"run-{index}"):
            mlflow.log_metric("acc", index / 10)
            mlflow.log_param("kind", "Tree" if index % 2 else "net")
            mlflow.set_tag("team", f"t{index % 3}")
            data = mlflow.data.from_numpy(np.arange(3), name=f"d{index % 2}")
            mlflow.log_input(data, context="train" if index < 4 else "test")
    one = client.search_runs([made], "attributes.run_name = 'run-3'")[0].info

    for text, wanted in {
        "metrics.acc = 0.3": "3",
        "metrics.acc != 0.3": "012456",
        "metrics.acc > 0.3": "456",
        "metrics.acc >= 0.3 AND metrics.acc < 0.5": "34",
        "metric.acc <= .1": "01",
        "params.kind = 'Tree'": "135",
        "params.kind != 'Tree'": "0246",
        "params.kind LIKE 'T%'": "135",
        "params.kind ILIKE 't%'": "135",
        "params.kind IS NOT NULL AND tags.team = 't1'": "14",
        "params.nobody IS NULL AND metrics.acc > 0.55": "6",
        "tags.team LIKE 't%' AND tags.team != 't0'": "1245",
        "tag.`team` ILIKE 'T2'": "25",
        f"attributes.run_id = '{one.run_id}'": "3",
        f"attributes.run_id IN ('{one.run_id}')": "3",
        f"attributes.run_id NOT IN ('{one.run_id}') and metrics.acc > 0.25": "456",
        f"attributes.artifact_uri = '{one.artifact_uri}'": "3",
        "run_name LIKE 'run-%' AND status = 'FINISHED'": "0123456",
        "attributes.start_time > 0 AND attributes.end_time > 0": "0123456",
        f"start_time >= {one.start_time}": "3456",
        "user_id != 'nobody'": "0123456",
        "dataset.name = 'd1'": "135",
        "datasets.name LIKE 'd%' AND dataset.context = 'test'": "456",
        "dataset.name IN ('d0', 'nobody')": "0246",
        "dataset.name NOT IN ('d0')": "135",
    }.items():
        found = client.search_runs([made], text, order_by=["run_name ASC"])
        got = "".join(each.info.run_name[-1] for each in found)
        expect((text, got), (text, wanted))
    for order, wanted in {
        "metrics.acc DESC": "6543210",
        "attributes.start_time ASC": "0123456",
        "run_name DESC": "6543210",
    }.items():
        names, token = "", None
        while True:
            page = client.search_runs([made], "", order_by=[order], max_results=3, page_token=token)
            names += "".join(each.info.run_name[-1] for each in page)
            token = page.token
            if not token:
                break
        expect((order, names), (order, wanted))
    frame = mlflow.search_runs([made], "metrics.acc > 0.35", order_by=["params.kind", "metrics.acc"])
    expect(list(frame["metrics.acc"]), [0.5, 0.4, 0.6])
    refused("INVALID_PARAMETER_VALUE", client.search_runs, [made], "metrics.acc > 'x'")
    refused("INVALID_PARAMETER_VALUE", client.search_runs, [made], "a OR b")


def artifacts():
    mlflow.set_experiment("artifacts")
    folder = os.path.join(FOLDER, "up")
    os.makedirs(os.path.join(folder, "deep", "er"), exist_ok=True)
    for name in ("one.txt", "deep/two.txt", "deep/er/drei ü.txt"):
        with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
            file.write(f"text of {name}")
    with mlflow.start_run() as run:
        mlflow.log_text("hello", "notes/hello.txt")
        mlflow.log_dict({"a": [1, 2]}, "data.json")
        figure, axes = plt.subplots()
        axes.plot([1, 2], [3, 4])
        mlflow.log_figure(figure, "plots/line.png")
        plt.close(figure)
        mlflow.log_table({"q": ["a"], "n": [1]}, "table.json")
        mlflow.log_artifact(os.path.join(folder, "one.txt"))
        mlflow.log_artifacts(folder, "folder")
    run_id = run.info.run_id
    paths = {each.path: each.is_dir for each in client.list_artifacts(run_id)}
    expect(
        paths,
        {
            "data.json": False,
            "folder": True,
            "notes": True,
            "one.txt": False,
            "plots": True,
            "table.json": False,
        },
    )
    deep = [each.path for each in client.list_artifacts(run_id, "folder/deep/er")]
    expect(deep, ["folder/deep/er/drei ü.txt"])
    expect(mlflow.artifacts.load_text(f"runs:/{run_id}/notes/hello.txt"), "hello")
    expect(mlflow.artifacts.load_dict(f"runs:/{run_id}/data.json"), {"a": [1, 2]})
    image = mlflow.artifacts.load_image(f"runs:/{run_id}/plots/line.png") if has_pillow() else None
    expect(image is None or image.size[0] > 10, True)
    down = mlflow.artifacts.download_artifacts(run_id=run_id, artifact_path="folder")
    with open(os.path.join(down, "deep", "er", "drei ü.txt"), encoding="utf-8") as file:
        expect(file.read(), "text of deep/er/drei ü.txt")
    refused("RESOURCE_DOES_NOT_EXIST", client.get_run, "0" * 32)


def has_pillow():
    try:
        import PIL  # noqa: F401
    except ImportError:
        return False
    return True


def large_artifact():
    mlflow.set_experiment("large")
    path = os.path.join(FOLDER, "large.bin")
    digest, block = hashlib.sha256(), bytearray(os.urandom(1 << 20))
    with open(path, "wb") as file:
        for index in range(200):
            block[:4] = index.to_bytes(4, "little")
            digest.update(block)
            file.write(block)
    with mlflow.start_run() as run:
        mlflow.log_artifact(path)
    os.remove(path)
    listed = client.list_artifacts(run.info.run_id)
    expect([(each.path, each.file_size) for each in listed], [("large.bin", 200 << 20)])
    down = client.download_artifacts(run.info.run_id, "large.bin", FOLDER)
    found = hashlib.sha256()
    with open(down, "rb") as file:
        while part := file.read(1 << 20):
            found.update(part)
    os.remove(down)
    expect(found.hexdigest(), digest.hexdigest())


def datasets():
    mlflow.set_experiment("datasets")
    frame = pd.DataFrame({"x": [1.0, 2.0], "y": ["a", "b"]})
    data = mlflow.data.from_pandas(frame, source="s3://bucket/x.csv", name="frame", targets="y")
    with mlflow.start_run() as run:
        mlflow.log_input(data, context="training", tags={"kind": "small"})
        mlflow.log_input(mlflow.data.from_pandas(frame, name="other"), context="validation")
        mlflow.log_metric("acc", 0.5, dataset=data)
    inputs = client.get_run(run.info.run_id).inputs.dataset_inputs
    by_name = {each.dataset.name: each for each in inputs}
    expect(set(by_name), {"frame", "other"})
    found = by_name["frame"]
    expect((found.dataset.digest, found.dataset.source_type), (data.digest, "s3"))
    expect(json.loads(found.dataset.profile)["num_rows"], 2)
    tags = {tag.key: tag.value for tag in found.tags}
    expect(tags, {"mlflow.data.context": "training", "kind": "small"})
    expect(mlflow.data.get_source(found.dataset).uri, "s3://bucket/x.csv")


def fitted():
    rows = np.random.RandomState(3).normal(size=(60, 3)).astype(np.float32)
    return rows, LogisticRegression().fit(rows, (rows[:, 0] + rows[:, 1] > 0).astype(int))


def onnx_double():
    node = helper.make_node("Mul", ["x", "two"], ["y"])
    two = helper.make_tensor("two", TensorProto.FLOAT, [1], [2.0])
    given = helper.make_tensor_value_info("x", TensorProto.FLOAT, [None, 2])
    result = helper.make_tensor_value_info("y", TensorProto.FLOAT, [None, 2])
    graph = helper.make_graph([node], "double", [given], [result], [two])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)


def log_and_load_scikit_learn():
    mlflow.set_experiment("models")
    rows, model = fitted()
    with mlflow.start_run() as run:
        mlflow.log_param("c", 1)
        mlflow.log_metrics({"acc": 0.9, "nothing": math.nan})
        info = mlflow.sklearn.log_model(
            model, name="forest", input_example=rows[:2], registered_model_name="scikit"
        )
    wanted = model.predict(rows).tolist()
    model_id = info.model_id
    expect(str(info.registered_model_version), "1")
    logged = mlflow.get_logged_model(model_id)
    expect((logged.name, str(logged.status), logged.params["c"]), ("forest", "READY", "1"))
    metrics = {each.key: each.value for each in logged.metrics}
    expect((metrics["acc"], math.isnan(metrics["nothing"])), (0.9, True))
    client.set_registered_model_alias("scikit", "champion", 1)
    client.transition_model_version_stage("scikit", 1, "Staging")
    for uri in (
        info.model_uri,
        f"models:/{model_id}",
        f"runs:/{run.info.run_id}/forest",
        "models:/scikit/1",
        "models:/scikit@champion",
        "models:/scikit/Staging",
        "models:/scikit/latest",
    ):
        expect((uri, mlflow.pyfunc.load_model(uri).predict(rows).tolist()), (uri, wanted))
    expect(mlflow.sklearn.load_model("models:/scikit/1").predict(rows).tolist(), wanted)
    expect(model_id in [each.model_id for each in client.get_run(run.info.run_id).outputs.model_outputs], True)


def log_and_load_onnx():
    mlflow.set_experiment("models")
    with mlflow.start_run() as run:
        info = mlflow.onnx.log_model(onnx_double(), name="double")
    version = mlflow.register_model(info.model_uri, "onnx", tags={"kind": "tiny"})
    expect(version.version in ("1", 1), True)
    client.set_registered_model_alias("onnx", "best", "1")
    client.transition_model_version_stage("onnx", "1", "Production")
    given = np.array([[1, 2], [3, 4]], dtype=np.float32)
    for uri in (
        f"models:/{info.model_id}",
        f"runs:/{run.info.run_id}/double",
        "models:/onnx/1",
        "models:/onnx@best",
        "models:/onnx/Production",
    ):
        predicted = mlflow.pyfunc.load_model(uri).predict(given)["y"]
        expect((uri, predicted.tolist()), (uri, [[2, 4], [6, 8]]))
    expect(type(mlflow.onnx.load_model("models:/onnx/1")).__name__, "ModelProto")


def registry():
    client.create_registered_model("reg-a", {"team": "blue"}, "about a")
    client.create_registered_model("reg-b")
    refused("RESOURCE_ALREADY_EXISTS", client.create_registered_model, "reg-a")
    for index in range(5):
        client.create_model_version("reg-a", f"s3://bucket/{index}", tags={"n": str(index)})
    client.update_registered_model("reg-a", "new words")
    client.set_registered_model_tag("reg-a", "x", "1")
    client.delete_registered_model_tag("reg-a", "x")
    client.update_model_version("reg-a", "2", "second")
    client.set_model_version_tag("reg-a", "2", "checked", "yes")
    client.delete_model_version_tag("reg-a", "2", "n")
    client.set_registered_model_alias("reg-a", "champion", "2")
    client.set_registered_model_alias("reg-a", "challenger", "3")
    expect(client.get_model_version_by_alias("reg-a", "champion").version in ("2", 2), True)
    client.delete_registered_model_alias("reg-a", "challenger")
    refused(
        "INVALID_PARAMETER_VALUE", client.get_model_version_by_alias, "reg-a", "challenger"
    )
    model = client.get_registered_model("reg-a")
    expect((model.description, model.tags), ("new words", {"team": "blue"}))
    expect({name: str(v) for name, v in model.aliases.items()}, {"champion": "2"})
    second = client.get_model_version("reg-a", "2")
    expect((second.description, second.tags, second.aliases), ("second", {"checked": "yes"}, ["champion"]))
    client.transition_model_version_stage("reg-a", "1", "Production")
    client.transition_model_version_stage("reg-a", "2", "Production", archive_existing_versions=True)
    expect(client.get_model_version("reg-a", "1").current_stage, "Archived")
    latest = client.get_latest_versions("reg-a", ["Production", "None"])
    expect({each.current_stage: str(each.version) for each in latest}, {"Production": "2", "None": "5"})
    for text, wanted in {
        "name = 'reg-a'": "12345",
        "name LIKE 'reg-%' AND version_number > 2": "345",
        "name = 'reg-a' AND tags.n = '3'": "4",
        "source_path = 's3://bucket/0'": "1",
        "name IN ('reg-a')": "12345",
        "name = 'reg-a' AND tag.n LIKE '%' AND version_number != 1": "345",
    }.items():
        found = client.search_model_versions(text, order_by=["version_number ASC"])
        expect((text, "".join(str(each.version) for each in found)), (text, wanted))
    names, token = [], None
    while True:
        page = client.search_registered_models(
            "name LIKE 'reg-%'", max_results=1, order_by=["name DESC"], page_token=token
        )
        names += [each.name for each in page]
        token = page.token
        if not token:
            break
    expect(names, ["reg-b", "reg-a"])
    client.delete_model_version("reg-a", "5")
    refused("RESOURCE_DOES_NOT_EXIST", client.get_model_version, "reg-a", "5")
    client.rename_registered_model("reg-a", "reg-c")
    expect(client.get_model_version("reg-c", "2").current_stage, "Production")
    copied = client.copy_model_version("models:/reg-c/2", "reg-copy")
    expect((copied.name, str(copied.version)), ("reg-copy", "1"))
    client.delete_registered_model("reg-b")
    refused("RESOURCE_DOES_NOT_EXIST", client.get_registered_model, "reg-b")
    refused("INVALID_PARAMETER_VALUE", client.transition_model_version_stage, "reg-c", "2", "Live")


def logged_models():
    made = mlflow.set_experiment("logged").experiment_id
    for index in range(3):
        with mlflow.start_run():
            model = mlflow.initialize_logged_model(
                f"model-{index}", params={"lr": str(index)}, tags={"n": str(index)}, model_type="t"
            )
            mlflow.log_metric("acc", index / 2, model_id=model.model_id)
            mlflow.finalize_logged_model(model.model_id, "READY")

    def names(text="", **options):
        found = mlflow.search_logged_models(
            experiment_ids=[made], filter_string=text, output_format="list", **options
        )
        return [each.name for each in found]

    expect(names("name = 'model-1'"), ["model-1"])
    expect(names("metrics.acc > 0.2", order_by=[{"field_name": "metrics.acc", "ascending": False}]), ["model-2", "model-1"])
    expect(names("params.lr = '0' AND tags.n = '0'"), ["model-0"])
    expect(sorted(names()), ["model-0", "model-1", "model-2"])
    model = mlflow.last_logged_model()
    mlflow.set_logged_model_tags(model.model_id, {"x": "1"})
    expect(mlflow.get_logged_model(model.model_id).tags["x"], "1")
    mlflow.delete_logged_model_tag(model.model_id, "x")
    expect("x" in mlflow.get_logged_model(model.model_id).tags, False)
    client.delete_logged_model(model.model_id)
    expect(sorted(names()), ["model-0", "model-1"])


def prompts():
    mlflow.genai.register_prompt(name="greeting", template="Hello {{name}}")
    mlflow.genai.register_prompt(name="greeting", template="Hi {{name}}")
    expect(mlflow.genai.load_prompt("prompts:/greeting/2").template, "Hi {{name}}")
    mlflow.genai.set_prompt_alias("greeting", "live", 1)
    expect(mlflow.genai.load_prompt("prompts:/greeting@live").template, "Hello {{name}}")
    expect("greeting" in [each.name for each in client.search_registered_models()], False)


def autolog():
    mlflow.set_experiment("autolog")
    mlflow.sklearn.autolog()
    try:
        with mlflow.start_run() as run:
            rows, _ = fitted()
    finally:
        mlflow.sklearn.autolog(disable=True)
    found = client.get_run(run.info.run_id)
    expect(found.data.params["C"], "1.0")
    expect("training_accuracy_score" in found.data.metrics, True)
    expect(found.data.tags["estimator_name"], "LogisticRegression")
    expect(len(found.outputs.model_outputs), 1)
    model_id = found.outputs.model_outputs[0].model_id
    expect(len(mlflow.pyfunc.load_model(f"models:/{model_id}").predict(rows)), len(rows))


STEPS = (
    experiments,
    runs,
    batches,
    extremes,
    search,
    artifacts,
    large_artifact,
    datasets,
    log_and_load_scikit_learn,
    log_and_load_onnx,
    registry,
    logged_models,
    prompts,
    autolog,
)

results = {}
for step in STEPS:
    try:
        step()
        results[step.__name__] = "ok"
    except Exception:
        results[step.__name__] = traceback.format_exc(limit=-6)
    finally:
        while mlflow.active_run():
            mlflow.end_run()
print(json.dumps(results))

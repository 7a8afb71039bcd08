"""Resolves dvc.yaml files with real DVC: a list of cases in, what DVC makes of each out.

A case is {"files": {path: text}}. The answer is {"stages": [...]} in DVC's order, or {"error": text}.
"""

import json
import os
import shutil
import sys
import tempfile

from dvc.dependency import ParamsDependency
from dvc.dvcfile import load_file
from dvc.repo import Repo

PLOT_KEYS = ("x", "y", "x_label", "y_label", "title", "template", "header")


def plain(value):
    """Values with their types in sight: 1.0 is {"float": "1.0"}."""
    if isinstance(value, float):
        return {"float": repr(value)}
    if isinstance(value, dict):
        return {"map": [[plain(k), plain(v)] for k, v in value.items()]}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return value
    if isinstance(value, int):
        return {"int": str(value)}
    raise TypeError(type(value).__name__)


def describe(stage, raw):
    lines = stage.cmd if isinstance(stage.cmd, list) else [stage.cmd]
    if not all(isinstance(line, str) for line in lines):
        raise TypeError("DVC reads such a command but cannot run it")
    params = [dep for dep in stage.deps if isinstance(dep, ParamsDependency)]
    return {
        "name": stage.name,
        "address": stage.addressing,
        "wdir": os.path.relpath(stage.wdir),
        "cmd": plain(stage.cmd),
        "deps": [dep.def_path for dep in stage.deps if dep not in params],
        "params": [[dep.def_path, dep.params] for dep in params],
        "values": [[dep.def_path, plain(dep.read_params())] for dep in params],
        "outs": [
            {
                "path": out.def_path,
                "kind": "plot" if out.plot else "metric" if out.metric else "out",
                "cache": out.use_cache,
                "persist": out.persist,
                "push": out.can_push,
                "remote": out.remote,
                "plot": out.plot if isinstance(out.plot, dict) else None,
            }
            for out in stage.outs
        ],
        "frozen": stage.frozen,
        "always_changed": stage.always_changed,
        "desc": plain(stage.desc),
        "meta": plain(stage.meta),
        "tracked": plain({k: v for k, v in stage.tracked_vars.items()}),
        "definition": plain(raw),
    }


def resolve(files, config):
    folder = os.path.realpath(tempfile.mkdtemp(prefix="dvc-resolve-"))
    here = os.getcwd()
    try:
        os.chdir(folder)
        os.mkdir(".dvc")
        with open(".dvc/config", "w") as file:
            file.write("[core]\n    no_scm = True\n    analytics = False\n" + config)
        for path, text in files.items():
            os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
        repo = Repo(folder)
        stages = []
        paths = sorted(path for path in files if os.path.basename(path) == "dvc.yaml")
        tops = []
        for path in paths:
            project = load_file(repo, path)
            loader = project.stages
            for name in loader:
                raw = project.resolver.resolve_one(name)[name]
                stages.append(describe(loader[name], raw))
            tops.append(
                {
                    "params": plain(project.params),
                    "metrics": plain(project.metrics),
                    "plots": plain(project.plots),
                    "artifacts": plain(project.artifacts),
                }
            )
        return {"stages": stages, "tops": tops}
    except Exception as error:  # noqa: BLE001: what DVC cannot read is an answer too
        return {"error": f"{type(error).__name__}: {error}"}
    finally:
        os.chdir(here)
        shutil.rmtree(folder)


if __name__ == "__main__":
    cases = json.load(sys.stdin)
    json.dump([resolve(case["files"], case.get("config", "")) for case in cases], sys.stdout)

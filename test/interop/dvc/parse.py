"""Reads files of parameters with DVC: [[name, text], …] in, their typed values or {"error"} out."""

import json
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from dvc.utils.serialize import PARSERS  # noqa: E402
from resolve import plain  # noqa: E402


def parse(name, text):
    try:
        return plain(PARSERS[os.path.splitext(name)[1]](text, name))
    except Exception as error:  # noqa: BLE001: what DVC cannot read is an answer too
        return {"error": f"{type(error).__name__}: {error}"}


json.dump([parse(name, text) for name, text in json.load(sys.stdin)], sys.stdout)

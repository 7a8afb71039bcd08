"""Reads [{contract, csv, types, parquet?}] on stdin and prints what Pandera makes of each, as JSON.

Data is CSV text: an empty field is null, types are pandas' own (as by content), `types` overrides them.
With `parquet` the frame is also written there, so that other readers see the types that pandas saw.
"""

import io
import json
import math
import sys
import warnings

import numpy as np
import pandas as pd
from pandera.errors import SchemaErrors
from pandera.io.pandas_io import from_yaml


def plain(value):
    """A value as JSON has it: NaN and NaT as null, infinities and times as text."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if value is None or value is pd.NaT or value is pd.NA:
        return None
    if isinstance(value, (bool, np.bool_)):
        return bool(value)
    if isinstance(value, (int, np.integer)):
        return int(value)
    if isinstance(value, (float, np.floating)):
        if math.isnan(value):
            return None
        return float(value) if math.isfinite(value) else ("Infinity" if value > 0 else "-Infinity")
    if isinstance(value, pd.Timestamp):
        return value.isoformat()
    return str(value)


def read(csv, types):
    named = {name: dtype for name, dtype in types.items() if not dtype.startswith("datetime")}
    options = {"keep_default_na": False, "na_values": [""], "skip_blank_lines": False}
    frame = pd.read_csv(io.StringIO(csv), dtype=named, **options)
    for column, dtype in types.items():
        if dtype.startswith("datetime"):
            frame[column] = pd.to_datetime(frame[column]).astype(dtype)
    return frame


def validate(contract, csv, types, parquet=None):
    frame = read(csv, types)
    if parquet is not None:
        frame.to_parquet(parquet)
    try:
        schema = from_yaml(contract)
    except Exception as error:
        return {"unreadable": f"{type(error).__name__}: {error}"}
    try:
        output = schema.validate(frame, lazy=True)
    except SchemaErrors as error:
        rows = error.failure_cases.to_dict("records")
        counts = {str(reason): count for reason, count in error.error_counts.items()}
        cases = [{key: plain(value) for key, value in row.items()} for row in rows]
        return {"valid": False, "failure_cases": cases, "error_counts": counts}
    except Exception as error:
        return {"crashed": f"{type(error).__name__}: {error}"}
    rows = [[plain(value) for value in row] for row in output.itertuples(index=False)]
    result = {"columns": [str(name) for name in output.columns], "rows": rows}
    return {"valid": True, "failure_cases": [], "error_counts": {}, "output": result}


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    print(json.dumps([validate(**case) for case in json.load(sys.stdin)]))

"""Reads {name: contract text} on stdin and prints what Pandera makes of each, as JSON."""

import json
import sys
import warnings

from pandera.io.pandas_io import from_yaml, to_yaml

warnings.simplefilter("ignore")


def field(schema):
    return {
        "dtype": None if schema.dtype is None else str(schema.dtype),
        "nullable": schema.nullable,
        "unique": schema.unique,
        "coerce": schema.coerce,
        "title": schema.title,
        "description": schema.description,
        "report_duplicates": schema.report_duplicates,
        "default": schema.default,
        "drop_invalid_rows": schema.drop_invalid_rows,
        "checks": [check(each) for each in schema.checks],
    }


def check(each):
    statistics = {name: plain(value) for name, value in each.statistics.items()}
    options = {
        "ignore_na": each.ignore_na,
        "raise_warning": each.raise_warning,
        "n_failure_cases": each.n_failure_cases,
        "error": each.error,
    }
    return {"name": each.registry_name, "statistics": statistics, "options": options}


def plain(value):
    if isinstance(value, (set, frozenset)):
        return [plain(item) for item in sorted(value, key=repr)]
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, float):
        return repr(value)  # keeps 1.0 apart from 1, and infinities in JSON
    return value if value is None or isinstance(value, (bool, int, str)) else str(value)


def describe(text):
    schema = from_yaml(text)
    return {
        "columns": {
            name: {**field(column), "required": column.required, "regex": column.regex}
            for name, column in schema.columns.items()
        },
        "checks": [check(each) for each in schema.checks],
        "coerce": schema.coerce,
        "strict": schema.strict,
        "ordered": schema.ordered,
        "unique": schema.unique,
        "report_duplicates": schema.report_duplicates,
        "add_missing_columns": schema.add_missing_columns,
        "drop_invalid_rows": schema.drop_invalid_rows,
        "name": schema.name,
        "dtype": None if schema.dtype is None else str(schema.dtype),
        "yaml": written(schema),
    }


def written(schema):
    """Pandera cannot write a frame dtype, nor a list of datetimes."""
    try:
        return to_yaml(schema)
    except Exception:
        return None


print(json.dumps({name: describe(text) for name, text in json.load(sys.stdin).items()}))

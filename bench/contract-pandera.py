"""Validates a Parquet file against a contract with Pandera, lazily: library, contract, file."""

import sys
import warnings

import yaml

warnings.simplefilter("ignore")
library, contract, path = sys.argv[1:]
if library == "polars":
    import pandera.polars as pandera
    import polars

    data = polars.read_parquet(path)
    types = {None: None, "int64": polars.Int64}
else:
    import pandas
    import pandera.pandas as pandera

    data = pandas.read_parquet(path)
    types = {None: None, "int64": "int64"}


def check(name, arguments):
    make = getattr(pandera.Check, name)
    if isinstance(arguments, dict):
        return make(**arguments)
    return make(exact_value=arguments) if name == "str_length" else make(arguments)


def column(spec):
    dtype, nullable = spec.pop("dtype", None), spec.pop("nullable", False)
    checks = [check(name, arguments) for name, arguments in spec.items()]
    return pandera.Column(types[dtype], checks, nullable=nullable)


# the polars reader of Pandera's own YAML needs pandas for a time, so the schema is built here
with open(contract) as file:
    columns = yaml.safe_load(file)["columns"]
schema = pandera.DataFrameSchema({name: column(spec) for name, spec in columns.items()})
try:
    schema.validate(data, lazy=True)
    print(0)
except pandera.errors.SchemaErrors as error:
    print(len(error.failure_cases))

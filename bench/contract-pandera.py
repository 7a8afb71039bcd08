"""Validates a Parquet file against a contract with Pandera, lazily: library, contract, file."""

import sys
import warnings

import pandera.errors

warnings.simplefilter("ignore")
library, contract, path = sys.argv[1:]
if library == "polars":
    import polars
    from pandera.io import polars_io as pandera_io

    data = polars.read_parquet(path)
else:
    import pandas
    from pandera.io import pandas_io as pandera_io

    data = pandas.read_parquet(path)

with open(contract) as file:
    schema = pandera_io.from_yaml(file)
try:
    schema.validate(data, lazy=True)
    print(0)
except pandera.errors.SchemaErrors as error:
    print(len(error.failure_cases))

"""Writes a Parquet file again as pandas does by default, statistics included: from, to."""

import sys

import pandas

pandas.read_parquet(sys.argv[1]).to_parquet(sys.argv[2])

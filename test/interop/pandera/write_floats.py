"""Reads [{values, rows_in_group, dictionary, path}] on stdin and writes each as a table of floats.

null is null, "nan" is NaN. Beside each file, `<path>.plain` holds the same without statistics.
"""

import json
import sys

import pyarrow as pa
import pyarrow.parquet as pq

for case in json.load(sys.stdin):
    values = [None if value is None else float(value) for value in case["values"]]
    table = pa.table({"d": pa.array(values, pa.float64()), "f": pa.array(values, pa.float32())})
    options = {"row_group_size": case["rows_in_group"], "use_dictionary": case["dictionary"]}
    pq.write_table(table, case["path"], **options)
    plain = {"row_group_size": case["rows_in_group"], "use_dictionary": False}
    pq.write_table(table, case["path"] + ".plain", write_statistics=False, **plain)

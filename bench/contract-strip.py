"""Writes a Parquet file again without statistics: from, to."""

import sys

import pyarrow.parquet

source = pyarrow.parquet.ParquetFile(sys.argv[1])
options = {"compression": "zstd", "compression_level": 1, "write_statistics": False}
with pyarrow.parquet.ParquetWriter(sys.argv[2], source.schema_arrow, **options) as writer:
    for place in range(source.num_row_groups):
        writer.write_table(source.read_row_group(place))

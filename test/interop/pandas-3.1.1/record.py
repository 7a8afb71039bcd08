r"""Writes the files beside this script with other people's libraries, and what pandas reads from them.

    python -m venv v && v/bin/pip install pandas==3.1.1 pyarrow==26.0.1 openpyxl==3.1.5 \
        zstandard==0.25.0 msoffcrypto-tool==6.1.0
    v/bin/python record.py

`expected.json` maps each file to its rows as pandas sees them: dates as ISO text, missing as null.
"""

import codecs
import datetime as dt
import gzip
import json
import pathlib
import shutil

from msoffcrypto.format.ooxml import OOXMLFile
import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.dataset as ds
import zstandard

here = pathlib.Path(__file__).parent
expected = {}


def rows_of(frame):
    def plain(value):
        if isinstance(value, (dt.datetime, dt.date, pd.Timestamp)) and not pd.isna(value):
            return pd.Timestamp(value).isoformat()
        if pd.isna(value):
            return None
        return value.item() if hasattr(value, "item") else value

    return [{name: plain(value) for name, value in row.items()} for row in frame.to_dict("records")]


# --- CSV ------------------------------------------------------------------------------------------

people = "id;name;city;score\n1;Zoë;Łódź;1.5\n2;André;Kraków;?\n3;Jörg;Gdańsk;2.25\n"
latin = "id;name;score\n1;Zoë;1.5\n2;André;?\n3;Jörg;2.25\n"
windows = "id;name;note\n1;Zoë;“fine” – 5 €\n2;André;it’s…\n"

csv = {
    "utf-16-le.csv": (codecs.BOM_UTF16_LE + people.encode("utf-16-le"), "utf-16"),
    "utf-16-be.csv": (codecs.BOM_UTF16_BE + people.encode("utf-16-be"), "utf-16"),
    "utf-8-bom.csv": (codecs.BOM_UTF8 + people.encode(), "utf-8-sig"),
    "latin-1.csv": (latin.encode("latin-1"), "latin-1"),
    "windows-1252.csv": (windows.encode("cp1252"), "cp1252"),
    "windows-1250.csv": (people.encode("cp1250"), "cp1250"),
    "shift-jis.csv": ("id;name\n1;山田\n2;鈴木\n".encode("shift_jis"), "shift_jis"),
    "people.csv.gz": (people.encode(), "utf-8"),
    "people.csv.zst": (people.encode(), "utf-8"),
    "utf-16.csv.zst": (codecs.BOM_UTF16_LE + people.encode("utf-16-le"), "utf-16"),
    "two-frames.csv.zst": (people.encode(), "utf-8"),
}
for name, (content, encoding) in csv.items():
    path = here / name
    if name == "two-frames.csv.zst":
        cut = len(content) // 2
        parts = (content[:cut], content[cut:])
        path.write_bytes(b"".join(zstandard.compress(part) for part in parts))
    elif name.endswith(".zst"):
        # with the size and checksum that the zstd command writes
        path.write_bytes(zstandard.ZstdCompressor(level=19, write_checksum=True).compress(content))
    elif name.endswith(".gz"):
        path.write_bytes(gzip.compress(content, mtime=0))
    else:
        path.write_bytes(content)
    if name == "two-frames.csv.zst":
        expected[name] = expected["people.csv.zst"]
    else:
        frame = pd.read_csv(path, sep=";", encoding=encoding, na_values=["?"], keep_default_na=False)
        expected[name] = rows_of(frame)

(here / "comments.csv").write_text(
    '# made by a "tool"\n#\na|b|c\n1|"x # y"|3 # the first\n# a note | with | bars\n2|"it\\"s"|4\n'
)
expected["comments.csv"] = rows_of(
    pd.read_csv(here / "comments.csv", sep="|", comment="#", escapechar="\\", doublequote=False)
)
(here / "records.json.gz").write_bytes(gzip.compress(b'[{"a": 1, "b": "x"}, {"a": 2}]', mtime=0))
expected["records.json.gz"] = rows_of(pd.read_json(here / "records.json.gz"))
(here / "lines.ndjson.zst").write_bytes(zstandard.compress(b'{"a": 1, "b": "x"}\n{"a": 2}\n'))
expected["lines.ndjson.zst"] = rows_of(pd.read_json(here / "lines.ndjson.zst", lines=True))

# --- Parquet --------------------------------------------------------------------------------------

visits = pd.DataFrame(
    {
        "id": range(6),
        "year": [2023, 2023, 2024, 2024, 2024, 2023],
        "site": ["a b", "a/b", "a b", None, "ü", "a b"],
        "seen": pd.to_datetime(
            ["2023-01-01", "2023-02-01", "2024-01-01", "2024-03-01", "2024-05-05", "2023-12-31"]
        )
        + pd.Timedelta(hours=10),
        "score": [1.5, None, 2.5, 3.0, 4.0, 5.5],
    }
)
folder = here / "visits"
shutil.rmtree(folder, ignore_errors=True)
schema = pa.schema([("year", pa.int64()), ("site", pa.string())])
ds.write_dataset(
    pa.Table.from_pandas(visits),
    folder,
    format="parquet",
    partitioning=ds.partitioning(schema, flavor="hive"),
)
(folder / "_SUCCESS").write_text("")
expected["visits"] = rows_of(visits[["id", "seen", "score", "year", "site"]])

# --- Excel ----------------------------------------------------------------------------------------

book = openpyxl.Workbook()
sheet = book.active
sheet.title = "Data"
sheet.append(["id", "name", "seen", "ok", "score", "count", "mixed", "none"])
sheet.append([1, "Zoë & Co", dt.datetime(2024, 1, 31, 10, 0), True, 1.5, 3, 1, None])
sheet.append([2, " two ", dt.datetime(2024, 2, 29, 23, 59, 59), False, 2, None, "x", None])
sheet.append([3, None, dt.date(1999, 12, 31), True, 0.1, 5, dt.datetime(2024, 1, 1), None])
other = book.create_sheet("Offset & more")
other["A1"] = "a title that is no data"
for r, row in enumerate([["a", "b"], [1, "x"], [2, "y"], ["total", 3]]):
    for c, value in enumerate(row):
        other.cell(row=3 + r, column=2 + c, value=value)
wrong = book.create_sheet("Errors")
wrong.append(["a", "b"])
wrong.append([1, 2])
wrong.append([3, "#DIV/0!"])
wrong.append(["#N/A", 4])
twice = book.create_sheet("Twice")
twice.append(["a", "b", "A"])
twice.append([1, 2, 3])
book.save(here / "book.xlsx")
expected["book.xlsx"] = rows_of(pd.read_excel(here / "book.xlsx", sheet_name="Data"))
part = pd.read_excel(here / "book.xlsx", sheet_name="Offset & more", skiprows=2, nrows=2, usecols="B:C")
expected["book.xlsx Offset"] = rows_of(part)

with open(here / "book.xlsx", "rb") as plain, open(here / "locked.xlsx", "wb") as locked:
    OOXMLFile(plain).encrypt("secret", locked)

(here / "expected.json").write_text(json.dumps(expected, indent=1, ensure_ascii=False) + "\n")

"""Reads the same rows by the database's own Python driver and from our Parquet; prints what differs.

Input (stdin): {"kind", "connect", "sql", "files"}. Values are compared as Python objects: Decimal,
datetime, bytes, float. Types that have no counterpart in Parquet are compared in the text that the
database gives: those columns are cast in "sql".
"""
import json
import math
import sqlite3
import sys
from datetime import date, datetime, timezone
from decimal import Decimal

import pyarrow.parquet as pq


def rows_of(kind, connect, sql):
    if kind == "postgresql":
        import psycopg

        with psycopg.connect(connect) as connection:
            connection.execute("SET TimeZone = 'UTC'")
            cursor = connection.execute(sql)
            return [column.name for column in cursor.description], cursor.fetchall()
    if kind == "mysql":
        import pymysql

        connection = pymysql.connect(**connect, charset="utf8mb4", init_command="SET time_zone = '+00:00'")
        with connection.cursor() as cursor:
            cursor.execute(sql)
            return [column[0] for column in cursor.description], list(cursor.fetchall())
    connection = sqlite3.connect(connect)
    cursor = connection.execute(sql)
    return [column[0] for column in cursor.description], cursor.fetchall()


def same(theirs, ours):
    if theirs is None or ours is None:
        return theirs is ours
    if isinstance(theirs, float) and isinstance(ours, float):
        return theirs == ours or (math.isnan(theirs) and math.isnan(ours))
    if isinstance(theirs, Decimal) and isinstance(ours, str):
        return format(theirs, "f") == ours  # every digit, trailing zeros too
    if isinstance(theirs, datetime) and theirs.tzinfo is not None:
        return theirs.astimezone(timezone.utc) == ours.astimezone(timezone.utc)
    if isinstance(ours, datetime) and isinstance(theirs, datetime) and ours.tzinfo is not None:
        return theirs.replace(tzinfo=timezone.utc) == ours  # PyMySQL's times have no zone
    if isinstance(theirs, str) and isinstance(ours, (date, datetime)):
        return ours.isoformat() == theirs.replace(" ", "T")  # SQLite keeps text
    if isinstance(theirs, int) and isinstance(ours, bool):
        return theirs in (0, 1) and bool(theirs) == ours
    return type(theirs) is type(ours) and theirs == ours or (
        isinstance(theirs, int) and isinstance(ours, float) and theirs == ours
    )


request = json.load(sys.stdin)
names, theirs = rows_of(request["kind"], request["connect"], request["sql"])
ours = [row for file in request["files"] for row in pq.read_table(file).to_pylist()]
different = []
for i, row in enumerate(theirs):
    for name, value in zip(names, row):
        got = ours[i][name] if i < len(ours) else "no row"
        if not same(value, got):
            different.append([i, name, repr(value), repr(got)])
print(json.dumps({"rows": len(theirs), "ours": len(ours), "columns": len(names), "different": different}))

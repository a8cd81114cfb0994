"""What DuckDB reads in the segments of a node: rows, events, days, one value, and the blooms.

Arguments: the folder of segments, a value that was seen, one that never was. Prints one line of JSON.
"""

import json
import sys

import duckdb

folder, value, never = sys.argv[1:]
files = f"{folder}/*/*.parquet"


def one(query: str, *parameters: str) -> tuple:
    return duckdb.execute(query, [files, *parameters]).fetchone()


def may_hold(column: str, wanted: str) -> int:
    """Row groups whose bloom filter does not exclude the value."""
    probe = f"SELECT count(*) FROM parquet_bloom_probe(?, '{column}', ?) WHERE NOT bloom_filter_excludes"
    return one(probe, wanted)[0]


rows, events, days = one("SELECT count(*), sum(count), count(DISTINCT day) FROM read_parquet(?)")
# Names lie as their labels do, the last one first: what stands below a name lies behind it.
disorder = one(
    "SELECT count(*) FROM (SELECT labels, lag(labels) OVER (PARTITION BY filename"
    " ORDER BY file_row_number) AS before FROM (SELECT *, list_reverse(string_split(value, '.')) AS"
    " labels FROM read_parquet(?, filename = true, file_row_number = true) WHERE kind = 'domain'))"
    " WHERE before > labels"
)[0]
count, first, last, kind = one(
    "SELECT sum(count), min(first)::VARCHAR, max(last)::VARCHAR, any_value(kind)"
    " FROM read_parquet(?) WHERE value = ?",
    value,
)
told = {
    "rows": rows,
    "events": int(events),
    "days": days,
    "disorder": disorder,
    "count": int(count),
    "first": first,
    "last": last,
    "kind": kind,
    "maybe": may_hold("value", value),
    "never": may_hold("value", never),
    "groups": one("SELECT count(DISTINCT (file_name, row_group_id)) FROM parquet_metadata(?)")[0],
}
print(json.dumps(told))

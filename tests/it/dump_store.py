"""Prints every row that can be read of a node's store, and its views' but for the insides of the
text index, so that two states can be compared.

Usage: dump_store.py STORE
"""

import sqlite3
import sys

INSIDES = ("view_text_data", "view_text_idx")


def main():
    database = sqlite3.connect(f"file:{sys.argv[1]}?mode=ro", uri=True)
    database.text_factory = bytes
    query = "SELECT name FROM sqlite_schema WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%'"
    tables = sorted(row[0].decode() for row in database.execute(query))
    for table in tables:
        if table in INSIDES:
            continue
        try:
            for row in database.execute(f"SELECT * FROM {table} NOT INDEXED"):
                print(table, row)
        except sqlite3.DatabaseError as error:
            print(table, error)


main()

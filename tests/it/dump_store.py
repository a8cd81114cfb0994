"""Prints one digest of every row that can be read of all tables of a store, views' among them but
for the insides of the text index, so that two states can be compared.

Usage: dump_store.py STORE
"""

import hashlib
import sqlite3
import sys

INSIDES = ("view_text_data", "view_text_idx")


def main():
    database = sqlite3.connect(f"file:{sys.argv[1]}?mode=ro", uri=True)
    database.text_factory = bytes
    query = "SELECT name FROM sqlite_schema WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%'"
    tables = sorted(row[0].decode() for row in database.execute(query))
    whole = hashlib.sha256()
    for table in tables:
        if table in INSIDES:
            continue
        digest, count = hashlib.sha256(), 0
        try:
            for row in database.execute(f"SELECT * FROM {table} NOT INDEXED"):
                digest.update(repr(row).encode())
                count += 1
        except sqlite3.DatabaseError as error:
            digest.update(str(error).encode())
        whole.update(f"{table} {count} {digest.hexdigest()}".encode())
    print(whole.hexdigest())


main()

"""Prints, in hexadecimal, the bytes in which a store keeps one record: body, salt and signature.

Usage: stored_bytes.py STORE UUID
"""

import sqlite3
import sys
import uuid


def main():
    store, wanted = sys.argv[1], uuid.UUID(sys.argv[2]).bytes
    database = sqlite3.connect(f"file:{store}?mode=ro", uri=True)
    query = "SELECT body, salt, signature, thing FROM log WHERE thing IS NOT NULL"
    for *columns, thing in database.execute(query):
        if wanted in thing:
            for value in columns:
                if value is not None:
                    print(value.hex())


main()

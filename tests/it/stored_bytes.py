"""Looks for bytes in files, as somebody would who took the disks.

Usage: stored_bytes.py of STORE UUID             prints, in hexadecimal, the bytes in which a store
                                                 keeps one record: body, salt and signature
       stored_bytes.py find HEX,HEX,.. FOLDER..  prints each file that holds any of them, with which
"""

import os
import sqlite3
import sys
import uuid


def of(store, wanted):
    wanted = uuid.UUID(wanted).bytes
    database = sqlite3.connect(f"file:{store}?mode=ro", uri=True)
    query = "SELECT body, salt, signature, thing FROM log WHERE thing IS NOT NULL"
    for *columns, thing in database.execute(query):
        if wanted in thing:
            for value in columns:
                if value is not None:
                    print(value.hex())


def find(needles, *folders):
    needles = [bytes.fromhex(needle) for needle in needles.split(",")]
    for folder in folders:
        for place, _, names in os.walk(folder):
            for name in names:
                path = os.path.join(place, name)
                try:
                    with open(path, "rb") as file:
                        content = file.read()
                except FileNotFoundError:
                    continue
                for number, needle in enumerate(needles):
                    if needle in content:
                        print(f"{path} holds {number}")


{"of": of, "find": find}[sys.argv[1]](*sys.argv[2:])

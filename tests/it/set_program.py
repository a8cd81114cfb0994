"""The obvious program: each text of an event, all above a name and each hash of a list, in a set.

Usage: set_program.py VALUES EVENTS FOUND. Writes the line's number and the value of every match.
"""

import json
import sys

HEX = set("0123456789abcdef")
PLAIN = set("abcdefghijklmnopqrstuvwxyz0123456789-_.")


def texts(value):
    if isinstance(value, str):
        yield value.strip().lower()
    elif isinstance(value, (dict, list)):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from texts(inner)


def names(text):
    words = [part.split("=", 1)[-1] for part in text.split(",")]
    yield from (word for word in words if set(word) <= HEX)
    scheme, _, rest = text.removeprefix("::ffff:").partition("://")
    host = (rest if scheme.isalpha() and rest else scheme).split("/", 1)[0].split("@")[-1]
    host = host.split(":")[0] if host.count(":") == 1 else host
    labels = host.rstrip(".").split(".") if set(host) <= PLAIN else []
    yield from (".".join(labels[at:]) for at in range(len(labels) - 1))


with open(sys.argv[1], encoding="utf-8") as file:
    wanted = set(file.read().split())
with open(sys.argv[2], encoding="utf-8") as file, open(sys.argv[3], "w", encoding="utf-8") as out:
    for number, line in enumerate(file, 1):
        found = {name for text in texts(json.loads(line)) for name in names(text)} & wanted
        for value in sorted(found):
            print(number, value, file=out)

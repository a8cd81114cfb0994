"""Recomputes matches with two sets and nothing else: each text of an event that is a listed address,
or a listed name, or a name below a listed one.

Usage: scale.py LIST EVENTS MATCHES PATTERNS
"""

import csv
import json
import sys


def texts(value, path=""):
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from texts(inner, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for inner in value:
            yield from texts(inner, path)
    elif isinstance(value, str):
        yield path, value


def names(text):
    labels = text.strip().lower().rstrip(".").split(".")
    return [".".join(labels[at:]) for at in range(len(labels) - 1)]


def main():
    listing, events, matches, patterns = sys.argv[1:]
    with open(listing, newline="", encoding="utf-8") as file:
        listed = {row["value"].lower() for row in csv.DictReader(file) if row["type"] != "url"}
    expected, lines = set(), 0
    with open(events, encoding="utf-8") as file:
        for lines, line in enumerate(file, 1):
            for field, text in texts(json.loads(line)):
                expected |= {(lines, field, text, name) for name in names(text) if name in listed}
    with open(patterns, encoding="utf-8") as file:
        values = {id: pattern.split("'")[1] for id, pattern in json.load(file).items()}
    found, count = set(), 0
    with open(matches, encoding="utf-8") as file:
        for count, line in enumerate(file, 1):
            match = json.loads(line)
            found.add((match["line"], match["field"], match["value"], values[match["indicator"]]))
    different = expected ^ found
    for line, field, text, name in sorted(different)[:20]:
        side = "missed" if (line, field, text, name) in expected else "invented"
        print(f"scale: {side}: line {line}, {field} = {text!r} by {name!r}")
    print(
        f"scale: {lines} events, {len(expected)} matches expected, {count} found, "
        f"{len(different)} differences"
    )
    sys.exit(1 if different or count != len(found) else 0)


main()

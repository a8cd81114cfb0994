"""The OASIS matcher of patterns over the first values and the first events.

Usage: matcher.py VALUES LINES PATTERNS EVENTS. Prints CPU seconds of the matching, and how many matched.
"""

import itertools
import json
import sys
import time

from stix2matcher.matcher import Pattern

values, lines, patterns, events = sys.argv[1:]


def quoted(value):
    return value.replace("\\", "\\\\").replace("'", "\\'")


with open(values, encoding="utf-8") as file:
    first = [line.strip() for line in itertools.islice(file, int(patterns))]
compiled = [Pattern(f"[domain-name:value = '{quoted(value)}']", "2.1") for value in first]

observed = []
with open(lines, encoding="utf-8") as file:
    for number, line in enumerate(itertools.islice(file, int(events))):
        event = json.loads(line)
        name = event.get("query") or event.get("dns", {}).get("rrname") or "none.example"
        thing = {"type": "domain-name", "id": "domain-name--0", "value": name}
        observed.append(
            {
                "type": "bundle",
                "id": "bundle--00000000-0000-4000-8000-000000000000",
                "objects": [
                    {
                        "type": "observed-data",
                        "spec_version": "2.1",
                        "id": f"observed-data--00000000-0000-4000-8000-{number:012x}",
                        "first_observed": "2026-01-01T00:00:00Z",
                        "last_observed": "2026-01-01T00:00:00Z",
                        "number_observed": 1,
                        "object_refs": [thing["id"]],
                    },
                    thing,
                ],
            }
        )

start = time.process_time()
found = sum(1 for one in observed for pattern in compiled if pattern.match([one]))
print(time.process_time() - start, found)

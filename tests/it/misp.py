"""Pulls a feed's folder as MISP does and reads it with PyMISP: the list, each event, the digests of
their values; then the same folder from the disk. Prints what each event holds; fails on whatever
PyMISP refuses, and where the parts of the folder contradict one another."""

import json
import sys
from pathlib import Path

import requests
from pymisp import MISPEvent

url, token, folder = sys.argv[1:4]
session = requests.Session()
session.headers["Authorization"] = token


def pull(name):
    reply = session.get(f"{url}/{name}", timeout=60)
    reply.raise_for_status()
    return reply


def attributes(event):
    return sorted([a.type, a.value, a.category, a.to_ids] for a in event.attributes)


def tags(tagged):
    return [tag["name"] for tag in tagged]


listed = pull("manifest.json").json()
digests = {tuple(line.split(",")) for line in pull("hashes.csv").text.splitlines()}
held, seen = {}, set()
for uuid, entry in listed.items():
    event = MISPEvent()
    event.load(pull(f"{uuid}.json").content)
    # What PyMISP would write into a list of its own for this event.
    (own,) = event.manifest.items()
    assert own[0] == uuid, own
    for name in ["info", "date", "timestamp"]:
        assert str(own[1][name]) == str(entry[name]), f"{name}: {own[1]} {entry}"
    assert own[1]["Orgc"]["name"] == entry["Orgc"]["name"], entry
    assert tags(own[1]["Tag"]) == tags(entry["Tag"]), entry
    assert event.published and event.attributes, uuid
    seen |= {(digest, uuid) for digest in event.attributes_hashes("md5")}
    held[str(event.date)] = attributes(event)
    stored = MISPEvent()
    stored.load_file(Path(folder) / f"{uuid}.json")
    assert attributes(stored) == attributes(event), uuid
assert seen == digests, seen ^ digests
on_disk = json.loads((Path(folder) / "manifest.json").read_text(encoding="utf-8"))
assert on_disk.keys() == listed.keys(), on_disk
print(json.dumps(held))

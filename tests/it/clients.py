"""Puts ATT&CK into one node with one client of TAXII and takes it out of its partner with another.

Usage: clients.py DATA ALPHA TOKEN BETA TOKEN CIRCLE CIRCLE CIRCLE (enterprise, mobile, ics)

Objects are compared as bytes: slices of the files against slices of what the partner answers, cut
by the same few lines that know no more of JSON than where a value ends.
"""

import collections
import gzip
import hashlib
import json
import lzma
import sys
import time

import requests
import stix2
from taxii2client.common import TokenAuth
from taxii2client.v21 import Collection, as_pages

MEDIA_TYPE = "application/taxii+json;version=2.1"
FILES = ["enterprise-attack.json.xz", "mobile-attack.json.gz", "ics-attack.json.gz"]
PATIENCE = 180
DECODER = json.JSONDecoder()


def slices(text):
    """The members of the array `objects`, as they are spelt."""
    at = text.index('"objects"') + len('"objects"')
    at = text.index("[", at) + 1
    while True:
        while text[at] in " \t\r\n,":
            at += 1
        if text[at] == "]":
            return
        _, end = DECODER.raw_decode(text, at)
        yield text[at:end]
        at = end


def digests(objects):
    return collections.Counter(hashlib.sha256(o.encode()).hexdigest() for o in objects)


def read(path):
    opener = lzma.open if path.endswith(".xz") else gzip.open
    with opener(path, "rb") as file:
        return list(slices(file.read().decode()))


def chunks(objects, size):
    return (objects[at : at + size] for at in range(0, len(objects), size))


def url(address, circle):
    return f"http://{address}/taxii2/root/collections/{circle}/"


def post_with_requests(address, token, circle, objects):
    session = requests.Session()
    headers = {"Authorization": f"Bearer {token}", "Content-Type": MEDIA_TYPE, "Accept": MEDIA_TYPE}
    for chunk in chunks(objects, 1000):
        body = '{"objects":[' + ",".join(chunk) + "]}"
        answer = session.post(url(address, circle) + "objects/", body.encode(), headers=headers)
        assert answer.status_code == 202, (answer.status_code, answer.text[:500])
        status = answer.json()
        assert status["success_count"] == len(chunk), status.get("failures", [])[:3]


def post_with_taxii2client(address, token, circle, objects):
    collection = Collection(url(address, circle), auth=TokenAuth(token))
    assert collection.can_write
    for chunk in chunks(objects, 500):
        status = collection.add_objects('{"objects":[' + ",".join(chunk) + "]}")
        assert status.status == "complete" and status.success_count == len(chunk), status.failures


def get_with_taxii2client(address, token, circle):
    """The exact bytes that the client was answered, page by page."""
    collection = Collection(url(address, circle), auth=TokenAuth(token))
    answers = []
    keep = lambda answer, *_, **__: answers.append(answer.content.decode())
    parsed = 0
    collection._conn.session.hooks["response"].append(keep)
    query = {"match[version]": "all"}
    for page in as_pages(collection.get_objects, per_request=700, **query):
        parsed += len(page.get("objects", []))
    objects = [o for answer in answers if '"objects"' in answer for o in slices(answer)]
    assert parsed == len(objects), (parsed, len(objects))
    return objects


def get_with_requests(address, token, circle):
    session = requests.Session()
    session.auth = ("anybody", token)
    objects, query = [], {"match[version]": "all"}
    while True:
        answer = session.get(
            url(address, circle) + "objects/", params=query, headers={"Accept": MEDIA_TYPE}
        )
        assert answer.status_code == 200, (answer.status_code, answer.text[:500])
        page = answer.json()
        if "objects" in page:
            objects.extend(slices(answer.content.decode()))
        if not page.get("more"):
            return objects
        query["next"] = page["next"]


def wait_until_all_came(address, token, circle, expected):
    """Counts the partner's manifest until nothing is missing."""
    session = requests.Session()
    session.headers["Authorization"] = f"Bearer {token}"
    end, after, count = time.monotonic() + PATIENCE, "2000-01-01T00:00:00Z", 0
    while count < expected:
        assert time.monotonic() < end, f"only {count} of {expected} came in {PATIENCE} s"
        query = {"match[version]": "all", "added_after": after}
        answer = session.get(url(address, circle) + "manifest/", params=query)
        assert answer.status_code == 200, (answer.status_code, answer.text[:500])
        entries = answer.json().get("objects", [])
        count += len(entries)
        after = answer.headers["X-TAXII-Date-Added-Last"]
        if not entries:
            time.sleep(0.02)
    assert count == expected, f"{count} of {expected}"


def parse(objects):
    """How many the reference library reads; what it refuses it must refuse for the file's sake."""
    refused = 0
    for text in objects:
        try:
            stix2.parse(text, allow_custom=True)
        except stix2.exceptions.MissingPropertiesError as error:
            # The older files have no `is_family`, which 2.1 demands.
            assert error.properties == ["is_family"] and '"is_family"' not in text, error
            refused += 1
    return len(objects) - refused, refused


def custom(objects):
    return sum('"x_' in text for text in objects)


def main():
    folder, alpha, writer, beta, reader, *circles = sys.argv[1:]
    files = [read(f"{folder}/attack/{name}") for name in FILES]
    start = time.monotonic()
    ways = [post_with_requests, post_with_requests, post_with_taxii2client]
    for way, circle, objects in zip(ways, circles, files):
        # A marking that is not known yet makes RED of what it marks: markings go first.
        way(alpha, writer, circle, sorted(objects, key=lambda o: '"marking-definition"' not in o))
    posted = time.monotonic()
    for circle, objects in zip(circles, files):
        wait_until_all_came(beta, reader, circle, len(objects))
    came = time.monotonic()
    total = 0
    ways = [get_with_taxii2client, get_with_taxii2client, get_with_requests]
    for name, way, circle, objects in zip(FILES, ways, circles, files):
        got = way(beta, reader, circle)
        missing, foreign = digests(objects) - digests(got), digests(got) - digests(objects)
        assert not missing and not foreign, f"{name}: {len(missing)} missing, {len(foreign)} other"
        good, refused = parse(got)
        print(
            f"clients: {name}: {len(got)} objects equal byte for byte, {custom(got)} with custom "
            f"properties, {good} parsed, {refused} without is_family"
        )
        total += len(got)
    print(
        f"clients: {total} objects posted in {posted - start:.1f} s, at the partner "
        f"{came - posted:.1f} s later, read in {time.monotonic() - came:.1f} s"
    )


main()

"""An agent that ships a log as collectors do: batches, packed, again and again until acknowledged.

Usage: telemetry.py URL TOKEN FILE LINES_PER_BATCH. It never gives a batch up, and it may send one
twice: an answer that got lost is no acknowledgement. Prints one line of JSON at the end.
"""

import gzip
import json
import sys
import time
import zlib

import requests

ENCODINGS = [
    ("gzip", gzip.compress),
    ("deflate", zlib.compress),
    (None, lambda body: body),
]
SCHEMES = ["Bearer", "ApiKey", "Splunk"]


def deliver(session, url, headers, body):
    """Sends one batch until it is acknowledged; gives the answer and how many tries it took."""
    tries = 0
    while True:
        tries += 1
        try:
            answer = session.post(url, data=body, headers=headers, timeout=30)
        except requests.exceptions.RequestException:
            time.sleep(0.05)
            continue
        if answer.status_code == 503:
            time.sleep(min(float(answer.headers["Retry-After"]), 1.0))
            continue
        assert answer.status_code == 200, (answer.status_code, answer.text)
        return answer.json(), tries


def main():
    url, token, path, per_batch = sys.argv[1:]
    lines = open(path, "rb").read().splitlines(keepends=True)
    size = int(per_batch)
    session = requests.Session()
    session.trust_env = False
    total = {"lines": 0, "bad": 0, "tries": 0, "again": 0}
    for number, start in enumerate(range(0, len(lines), size)):
        name, pack = ENCODINGS[number % len(ENCODINGS)]
        headers = {"Authorization": f"{SCHEMES[number % len(SCHEMES)]} {token}"}
        headers["Content-Type"] = "application/x-ndjson"
        if name:
            headers["Content-Encoding"] = name
        body = pack(b"".join(lines[start : start + size]))
        answer, tries = deliver(session, url, headers, body)
        total["lines"] += answer["lines"]
        total["bad"] += answer["bad"]
        total["tries"] += tries
        # Now and then an answer is lost on the way: the agent cannot know, and sends again.
        if number % 4 == 0:
            deliver(session, url, headers, body)
            total["again"] += 1
    print(json.dumps(total))


main()

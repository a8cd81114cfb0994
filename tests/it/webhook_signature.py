"""Checks the signatures of findings as a receiver does: HMAC-SHA256 over time, a point and the body.

What is forged must not pass: another body, another time, another secret. It knows nothing of Entente
but what the operator's manual says.
"""

import hashlib
import hmac
import json
import sys


def holds(secret: str, header: str, body: str) -> bool:
    """Whether a header is what the secret makes of this body."""
    parts = dict(part.split("=", 1) for part in header.split(","))
    signed = parts["t"].encode() + b"." + body.encode()
    made = hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
    return hmac.compare_digest(made, parts["v1"])


def main() -> None:
    with open(sys.argv[1], encoding="utf-8") as file:
        told = json.load(file)
    good = forged = 0
    for request in told["requests"]:
        header, body = request["signature"], request["body"]
        good += holds(told["secret"], header, body)
        time = header.split(",")[0].removeprefix("t=")
        later = header.replace(time, str(int(time) + 1), 1)
        forged += holds(told["secret"], header, body.replace("n", "m", 1))
        forged += holds(told["secret"], later, body)
        forged += holds(told["secret"] + "x", header, body)
    print(json.dumps({"good": good, "forged": forged}))


main()

"""OpenTAXII under measurement: run as a program it makes its databases, a collection and an account,
and prints where and as whom to write; imported by gunicorn it is the server. Nothing is tuned.

Its release 0.9.3 answers 500 to every question about collections, because a UUID does not turn into
JSON by itself. That one fault is repaired here, while it runs; it costs and saves nothing.
"""

import functools
import json
import types

from opentaxii.taxii2 import http as answers

answers.json = types.SimpleNamespace(dumps=functools.partial(json.dumps, default=str))

from opentaxii.http import app  # noqa: E402  (it must find the repair in place)


def make():
    server = app.taxii_server
    with app.app_context():
        held = server.servers.taxii2.persistence.api
        root = held.add_api_root(title="Bench", default=True)
        collection = held.add_collection(
            api_root_id=root.id, title="bench", alias="bench", is_public=False, is_public_write=False
        )
        accounts = server.auth.api
        accounts.create_account("bench", "bench", is_admin=True)
        # Its tokens are far cheaper for it than passwords, which it hashes at each request.
        token = accounts.authenticate("bench", "bench")
    objects = f"/taxii2/{root.id}/collections/{collection.id}/objects/"
    print(json.dumps({"objects": objects, "authorization": f"Bearer {token}"}))


if __name__ == "__main__":
    make()

"""An application that writes to Elasticsearch with the official client: only its address and its
credentials are ours. Prints one line of JSON with what the client was told."""

import json
import sys

from elasticsearch import Elasticsearch, helpers

url, token, count = sys.argv[1:]
told = {"taken": 0, "refused": 0}
ways = [{"basic_auth": ("entente", token)}, {"api_key": token}, {"bearer_auth": token}]
for way, auth in enumerate(ways):
    client = Elasticsearch(url, **auth)
    told["version"] = client.info()["version"]["number"]
    told["status"] = client.cluster.health()["status"]
    names = [f"n{n}.way{way}.evil.example" for n in range(int(count))]
    actions = [
        {"_index": "dns", "_source": {"@timestamp": "2026-02-01T00:00:00Z", "dns": {"question": {"name": name}}}}
        for name in names
    ]
    taken, failed = helpers.bulk(client, actions)
    told["taken"] += taken
    told["refused"] += len(failed)
    mixed = client.bulk(operations=[{"delete": {"_index": "dns", "_id": "1"}}, {"index": {"_index": "dns"}}, {"a": way}])
    told["statuses"] = [next(iter(item.values()))["status"] for item in mixed["items"]]
try:
    Elasticsearch(url, basic_auth=("entente", "wrong")).info()
except Exception as error:  # Whatever class the client gives it.
    told["stranger"] = getattr(error, "status_code", None) or str(error)
print(json.dumps(told))

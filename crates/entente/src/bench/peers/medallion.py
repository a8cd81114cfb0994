"""medallion under measurement: gunicorn imports this as the server. It reads `medallion.json`, which
names the file of what it holds from the start. Nothing is repaired and nothing is tuned.
"""

import medallion

app = medallion.load_app("medallion.json")

import json
import sys

import requests
from sseclient import SSEClient

stream = requests.get(sys.argv[1], stream=True, timeout=60, headers={"Accept": "text/event-stream"})
for frame in SSEClient(stream.iter_content(chunk_size=None)).events():
    print(json.dumps({"event": frame.event, "id": frame.id, "data": frame.data}), flush=True)

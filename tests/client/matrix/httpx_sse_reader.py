import json
import os
import sys

import httpx
from httpx_sse import connect_sse

trusted = os.environ.get("SSL_CERT_FILE", True)  # noqa: TID251 - a program of its own
with (
    httpx.Client(verify=trusted, timeout=60) as client,
    connect_sse(client, "GET", sys.argv[1]) as stream,
):
    for frame in stream.iter_sse():
        line = {"event": frame.event, "id": frame.id, "data": frame.data}
        print(json.dumps(line), flush=True)

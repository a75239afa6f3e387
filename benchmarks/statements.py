"""How many SQL statements and commits one request of each flow takes, counted in the installation's own process."""

import json
from collections.abc import Mapping
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from benchmarks.flows import Request

CONTROL = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE SAVEPOINT")


def count(requests: Mapping[str, list[Request]]) -> dict[str, Any]:
    """Send the requests of each flow one after the other; the last one is counted, after the caches are warm."""
    return {flow: _count_last(sent) for flow, sent in requests.items()}


def _count_last(requests: list[Request]) -> dict[str, Any]:
    client = Client(SERVER_NAME="127.0.0.1")
    for request in requests[:-1]:
        _send(client, request)
    with CaptureQueriesContext(connection) as captured:
        status = _send(client, requests[-1])
    texts = [query["sql"] for query in captured.captured_queries]
    return {
        "status": status,
        "statements": sum(not text.startswith(CONTROL) for text in texts),
        "commits": sum(text == "COMMIT" for text in texts),
    }


def _send(client: Client, request: Request) -> int:
    headers = {"accept": "application/json"}
    headers |= {"authorization": f"Bearer {request.token}"} if request.token else {}
    headers |= {"idempotency-key": request.key} if request.key else {}
    headers |= request.headers
    written = request.body if isinstance(request.body, str) else json.dumps(request.body)
    body = {} if request.body is None else {"data": written, "content_type": "application/json"}
    return client.generic(request.method, request.path, headers=headers, **body).status_code

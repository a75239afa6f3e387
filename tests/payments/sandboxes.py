"""The sandbox as tests use it: a provider, payments, and somebody who takes its notifications."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple
from uuid import uuid4

import pytest
from django.db import connections

from donations.payments.contract import NewPayment, PaymentState, ProviderRefused, Settings
from donations.payments.providers.sandbox import SandboxProvider
from donations.payments.sandbox.models import (
    SandboxEvent,
    SandboxMethod,
    SandboxPayment,
    SandboxRefund,
    SandboxRequest,
)

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
SECRET = "whsec_of_the_tests"


def sandbox(**changes: Any) -> SandboxProvider:
    return SandboxProvider(Settings(**{"credentials": {}, "webhook_secret": SECRET, **changes}))


def fresh_key() -> str:
    return str(uuid4())


def new_payment(amount: str = "50.00", **changes: Any) -> NewPayment:
    facts = {
        "reference": uuid4(),
        "payer": uuid4(),
        "amount": Decimal(amount),
        "description": "Wallet top-up",
    }
    return NewPayment(**{**facts, **changes})


def created(**changes: Any) -> PaymentState:
    return sandbox().create(new_payment(**changes), idempotency_key=fresh_key())


def paid(slug: str = "succeeds", **changes: Any) -> PaymentState:
    """Make a payment and pay it with one of the test cards."""
    made = created(**changes)
    return sandbox().confirm(made.provider_payment_id, method=f"test_{slug}", idempotency_key=fresh_key())


def row_of(state: PaymentState) -> SandboxPayment:
    return SandboxPayment.objects.get(pk=state.provider_payment_id)


class Received(NamedTuple):
    path: str
    headers: dict[str, str]
    body: bytes


class Webhook:
    """A server that takes notifications, or answers whatever it is told to."""

    def __init__(self, url: str) -> None:
        self.url, self.status = url, 200
        self.when_called: Callable[[], object] = lambda: None
        self.received: list[Received] = []


@contextmanager
def listening() -> Iterator[Webhook]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            webhook.received.append(Received(self.path, dict(self.headers), body))
            webhook.when_called()
            connections.close_all()
            self.send_response(webhook.status)
            self.end_headers()

        def log_message(self, *args):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        webhook = Webhook(f"http://127.0.0.1:{server.server_port}")
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield webhook
        finally:
            server.shutdown()
            thread.join()


def kinds(state):
    return list(
        SandboxEvent.objects.filter(payment=state.provider_payment_id)
        .order_by("pk")
        .values_list("kind", flat=True)
    )


def refused(call, *args, **options):
    """Return the code of a refusal, after which nothing has changed."""
    before = everything()
    with pytest.raises(ProviderRefused) as error:
        call(*args, **options)
    assert everything() == before
    return error.value.code


def everything():
    models = (SandboxPayment, SandboxRefund, SandboxEvent, SandboxMethod, SandboxRequest)
    return [sorted(model.objects.values_list(), key=str) for model in models]
